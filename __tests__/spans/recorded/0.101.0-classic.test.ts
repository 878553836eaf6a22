import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.101.0-classic');
