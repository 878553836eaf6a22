import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.160.1-code-mode');
