import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.171.0-code-mode');
