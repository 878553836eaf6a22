import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.120.0-classic');
