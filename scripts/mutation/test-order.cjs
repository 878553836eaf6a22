// @ts-check
/** Jest's sequencer for a mutant: the tests in the order of the command line, the likely and short ones first. */
class NamedOrder {
  /** @param {{ path: string }[]} tests */
  sort(tests) {
    const named = process.argv.slice(2);
    const place = (/** @type {{ path: string }} */ test) =>
      named.findIndex((name) => test.path.endsWith(name));
    return [...tests].sort((a, b) => place(a) - place(b));
  }

  /** Nothing of one mutant's run is kept for the next. */
  cacheResults() {}
}

module.exports = NamedOrder;
