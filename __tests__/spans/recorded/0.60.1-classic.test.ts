import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.60.1-classic');
