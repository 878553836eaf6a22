import { expect, test } from '@jest/globals';
import { findTokens } from '../../../../src/spans/redaction/finders/find-tokens.js';
import { kindsOf } from '../marked.js';

const R = 'k9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyWzQ0uE';
const plain = (length: number) => R.repeat(3).slice(0, length);
const hex = (length: number) => '8f14e45fceea167a5a36dedd4bea2543'.repeat(3).slice(0, length);

test.each([
  ['openai-key', `sk-${plain(30)}`],
  ['model-key', `gsk_${plain(30)}`],
  ['github-token', `ghp_${plain(36)}`],
  ['github-token', `github_pat_${plain(60)}`],
  ['gitlab-token', `glpat-${plain(20)}`],
  ['npm-token', `npm_${plain(36)}`],
  ['pypi-token', `pypi-${plain(60)}`],
  ['docker-token', `dckr_pat_${plain(27)}`],
  ['package-token', `rubygems_${hex(48)}`],
  ['figma-token', `figd_${plain(40)}`],
  ['google-key', `AIza${plain(35)}`],
  ['google-token', `ya29.${plain(60)}`],
  ['digitalocean-token', `dop_v1_${hex(64)}`],
  ['databricks-token', `dapi${hex(32)}`],
  ['vault-token', `hvs.${plain(40)}`],
  ['sonar-token', `squ_${hex(40)}`],
  ['sendgrid-key', `SG.${plain(22)}.${plain(43)}`],
  ['linear-key', `lin_api_${plain(40)}`],
  ['airtable-token', `pat${plain(14)}.${hex(64)}`],
  ['grafana-token', `glsa_${plain(41)}`],
])('%s is the kind of %s', (kind, token) => {
  expect(kindsOf(findTokens, `it is ${token} there`)).toEqual([[kind, token]]);
});
