import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.80.0-classic');
