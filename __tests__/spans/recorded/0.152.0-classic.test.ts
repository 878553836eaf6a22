import { expectKeptSpans } from './kept-spans.js';

expectKeptSpans('0.152.0-classic');
