import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.169.0-classic');
