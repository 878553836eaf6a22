import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.140.0-classic');
