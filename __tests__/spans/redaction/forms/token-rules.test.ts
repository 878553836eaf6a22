import { expect, test } from '@jest/globals';
import { findTokens } from '../../../../src/spans/redaction/finders/find-tokens.js';
import { kindsOf } from '../marked.js';

const R = 'k9Xq2Zr7w4LpB3vT8mNc5HsJ6dFg1RyWzQ0uE';
const plain = (length: number) => R.repeat(3).slice(0, length);
const upper = (length: number) => 'Q2ZR7W4LPB3VT8MNC5HSJ6DFG1RYWZQ0UEK9X'.repeat(2).slice(0, length);
const lower = (length: number) => 'q2zr7w4lpb3vt8mnc5hsj6dfg1rywzq0uek9x'.repeat(2).slice(0, length);
const hex = (length: number) => '8f14e45fceea167a5a36dedd4bea2543'.repeat(3).slice(0, length);
const UUID = '8f14e45f-ceea-467a-9a36-dedd4bea2543';

test.each([
  ['openai-key', `sk-${plain(30)}`],
  ['model-key', `gsk_${plain(30)}`],
  ['github-token', `ghp_${plain(36)}`],
  ['github-token', `github_pat_${plain(60)}`],
  ['gitlab-token', `glpat-${plain(20)}`],
  ['atlassian-token', `ATATT3${plain(60)}`],
  ['atlassian-token', `BBDC-${plain(44)}`],
  ['npm-token', `npm_${plain(36)}`],
  ['pypi-token', `pypi-${plain(60)}`],
  ['docker-token', `dckr_pat_${plain(27)}`],
  ['package-token', `rubygems_${hex(48)}`],
  ['figma-token', `figd_${plain(40)}`],
  ['postman-key', `PMAK-${hex(24)}-${hex(34)}`],
  ['aws-access-key', `AKIA${upper(16)}`],
  ['aws-session-token', `IQoJb3JpZ2lu${plain(80)}`],
  ['google-key', `AIza${plain(35)}`],
  ['google-token', `ya29.${plain(60)}`],
  ['google-refresh-token', `1//0${plain(60)}`],
  ['google-client-secret', `GOCSPX-${plain(28)}`],
  ['digitalocean-token', `dop_v1_${hex(64)}`],
  ['databricks-token', `dapi${hex(32)}`],
  ['vault-token', `hvs.${plain(40)}`],
  ['vault-token', `s.${plain(24)}`],
  ['heroku-key', `HRKU-${plain(36)}`],
  ['fly-token', `fm2_${plain(50)}`],
  ['supabase-key', `sbp_${hex(40)}`],
  ['hosting-token', `npg_${plain(20)}`],
  ['grafana-token', `glsa_${plain(41)}`],
  ['sonar-token', `squ_${hex(40)}`],
  ['sentry-token', `sntrys_${plain(60)}`],
  ['launchdarkly-key', `sdk-${UUID}`],
  ['hubspot-token', `pat-na1-${UUID}`],
  ['newrelic-key', `NRAK-${upper(27)}`],
  ['airtable-token', `pat${plain(14)}.${hex(64)}`],
  ['contentful-token', `CFPAT-${plain(43)}`],
  ['stripe-key', `rk_live_${plain(24)}`],
  ['webhook-secret', `whsec_${plain(32)}`],
  ['payment-key', `rzp_live_${plain(14)}`],
  ['payment-key', `live_${plain(35)}`],
  ['sendgrid-key', `SG.${plain(22)}.${plain(43)}`],
  ['mail-key', `xkeysib-${hex(64)}-${plain(16)}`],
  ['mail-key', `re_${plain(8)}_${plain(24)}`],
  ['slack-token', `xoxb-123456789012-1234567890123-${plain(24)}`],
  ['slack-webhook', `hooks.slack.com/services/T${upper(8)}/B${upper(8)}/${plain(24)}`],
  ['discord-webhook', `discord.com/api/webhooks/123456789012345678/${plain(68)}`],
  ['linear-key', `lin_api_${plain(40)}`],
  ['notion-key', `ntn_${plain(46)}`],
  ['private-key', `MIIEpAIBAAKCAQEA${plain(60)}`],
  ['private-key', `MC4CAQAwBQYDK2VwBCIEI${plain(43)}`],
  ['private-key', `b3BlbnNzaC1rZXktdjEAAAAA${plain(60)}`],
  ['private-key', `LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ${plain(60)}`],
  ['private-key', `AGE-SECRET-KEY-1${upper(58)}`],
  ['private-key', `nsec1${lower(58)}`],
  // By gitleaks' forms the kind is the rule's id.
  ['1password-secret-key', 'A3-Q2ZR7W-4LPB3VT8MNC-5HSJ6-DFG1R-YWZQ0'],
  ['planetscale-password', `pscale_pw_${plain(43)}`],
  ['octopus-deploy-api-key', `API-${upper(26)}`],
])('%s is the kind of %s', (kind, token) => {
  expect(kindsOf(findTokens, `it is "${token}", there`)).toEqual([[kind, token]]);
});

test.each([
  'sk-clientTokenSecretOfTheApplication',
  'gsk_client_token_secret_of_the_application',
  's.clientTokenSecretOfTheA1',
  'nfc_client_token_secret_of_the_application',
  'key_live_client_token_secret_of_the_application',
  `live_${'secretclient'.repeat(3)}`,
  'em-clients1_secrettokenclientapp',
])('the form of %s says too little: its tail is of words', (text) => {
  expect(kindsOf(findTokens, `it is ${text} there`)).toEqual([]);
});
