import { afterEach, beforeEach } from '@jest/globals';
import { DeliveryHome } from './delivery-home.js';

/**
 * The home of the test that runs: each test of a file that imports it has one of its own, closed after it.
 * Jest gives every test file its own copy of this module.
 */
export let home: DeliveryHome;

beforeEach(async () => {
  home = await DeliveryHome.make();
});
afterEach(() => home.close());
