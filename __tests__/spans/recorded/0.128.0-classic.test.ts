import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.128.0-classic');
