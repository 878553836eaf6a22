/** A form of token: its kind, the beginnings of it (lower case), and the expression from there on. */
export type TokenRule = readonly [kind: string, literals: string, expression: string, check?: 'random'];

/**
 * Forms that gitleaks' rules lack or hold too narrow, by what their vendors publish. `random`: the
 * form alone says too little. Every repetition has an end.
 */
export const TOKEN_RULES: readonly TokenRule[] = [
  // Models
  ['openai-key', 'sk-', 'sk-(?:[a-z0-9]{2,12}-){0,3}[A-Za-z0-9_-]{20,260}', 'random'],
  [
    'model-key',
    'gsk_ xai- r8_ nvapi- tvly- pplx- csk- jina_ pcsk_ fc- e2b_ rpa_ tgp_v1_ vck_ ctx7sk- sk_ lsv2_ hf_ api_org_ kgat_ msk_ zpka_ fw_ dg_ lmnr_ bfl_',
    '[A-Za-z0-9]{1,8}[-_][A-Za-z0-9_-]{20,200}',
    'random',
  ],
  // Code and packages
  ['github-token', 'ghp_ gho_ ghu_ ghs_ ghr_', 'gh[pousr]_[A-Za-z0-9_.-]{30,400}'],
  ['github-token', 'github_pat_', 'github_pat_[A-Za-z0-9_]{30,120}'],
  [
    'gitlab-token',
    'glpat- gldt- glrt- glcbt- glptt- gloas- glft- glimt- glagent- glsoat- glffct-',
    'gl[a-z]{2,5}-[\\w.-]{20,320}',
  ],
  ['atlassian-token', 'atatt3 atctt3 atbb bbdc- ator', '(?:AT[AC]TT3|ATBB|ATOR|BBDC-)[\\w=+/-]{24,400}'],
  ['npm-token', 'npm_', 'npm_[A-Za-z0-9]{36,48}'],
  ['pypi-token', 'pypi-', 'pypi-[\\w-]{50,1000}'],
  ['docker-token', 'dckr_pat_ dckr_oat_', 'dckr_[po]at_[\\w-]{20,80}'],
  [
    'package-token',
    'rubygems_ clojars_ cio oy2',
    '(?:rubygems_[a-f0-9]{32,64}|clojars_[a-z0-9]{40,80}|cio[A-Za-z0-9]{32}|oy2[a-z0-9]{43})',
  ],
  ['figma-token', 'figd_', 'figd_[\\w-]{30,80}'],
  ['postman-key', 'pmak- pmat-', 'PMA[KT]-[A-Za-z0-9-]{24,100}'],
  // Clouds and hosting
  [
    'aws-access-key',
    'akia asia abia acca a3t',
    '(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9])',
  ],
  ['aws-session-token', 'iqojb3jpz2lu fwogzxivyxdz aqodyxdz', '[IFA][A-Za-z0-9+/]{60,4000}={0,3}'],
  ['google-key', 'aiza', 'AIza[\\w-]{35}'],
  ['google-token', 'ya29.', 'ya29\\.[\\w-]{20,1000}'],
  ['google-refresh-token', '1//', '1//0[\\w-]{40,200}'],
  ['google-client-secret', 'gocspx-', 'GOCSPX-[\\w-]{20,60}'],
  ['digitalocean-token', 'dop_v1_ doo_v1_ dor_v1_', 'do[por]_v1_[a-f0-9]{40,80}'],
  ['databricks-token', 'dapi dkea dose', '(?:dapi|dkea|dose)[0-9a-f]{32}(?:-\\d)?'],
  ['vault-token', 'hvs. hvb. hvr.', 'hv[sbr]\\.[\\w-]{20,300}'],
  ['vault-token', 's.', 's\\.(?=[A-Za-z]{0,23}\\d)[A-Za-z0-9]{24}(?![\\w.(])', 'random'],
  ['heroku-key', 'hrku-', 'HRKU-[\\w-]{36,80}'],
  ['fly-token', 'fo1_ fm1a_ fm1r_ fm2_', 'f[om][12][ar]?_[\\w+/=-]{30,2000}'],
  ['supabase-key', 'sbp_ sb_secret_', '(?:sbp_[a-f0-9]{40}|sb_secret_[\\w-]{20,80})'],
  [
    'hosting-token',
    'npg_ nfp_ nfc_ nfo_ nfu_ nfb_ rnd_ vcp_ vca_ vci_ cfut_ cfat_ cfk_ tskey- apify_api_ dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. ddp_ pul- phx_ tk-us- tk-',
    '[A-Za-z0-9]{2,6}[._-][\\w.-]{16,200}',
    'random',
  ],
  ['grafana-token', 'glc_ glsa_', 'gl(?:c|sa)_[\\w+/=-]{30,400}'],
  ['sonar-token', 'squ_ sqp_ sqa_', 'sq[upa]_[a-f0-9]{40}'],
  ['sentry-token', 'sntrys_ sntryu_ sntrya_', 'sntry[sua]_[\\w+/=-]{40,400}'],
  [
    'launchdarkly-key',
    'sdk- api- mob-',
    '(?:sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
  ],
  ['hubspot-token', 'pat-na pat-eu', 'pat-(?:na|eu)\\d-[0-9a-f]{8}-[0-9a-f-]{27}'],
  ['newrelic-key', 'nrak- nrii- nrra-', 'NR(?:AK|II|RA)-[A-Za-z0-9-]{20,50}'],
  ['airtable-token', 'pat', 'pat[A-Za-z0-9]{14}\\.[a-f0-9]{64}'],
  ['contentful-token', 'cfpat-', 'CFPAT-[\\w-]{40,60}'],
  // Money, mail, chat
  [
    'stripe-key',
    'sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_',
    '[rs]k_(?:live|test|prod)_[A-Za-z0-9]{10,250}',
  ],
  ['webhook-secret', 'whsec_', 'whsec_[A-Za-z0-9+/=]{20,100}'],
  [
    'payment-key',
    'rzp_live_ rzp_test_ sq0csp- sq0atp- sq0idp- key_live_ key_test_ shppa_ shpat_ shpca_ shpss_ shptka_ flwseck',
    '[A-Za-z0-9]{3,8}[_-][\\w$-]{14,120}',
    'random',
  ],
  ['payment-key', 'live_ test_', '(?<![\\w-])(?:live|test)_[A-Za-z0-9]{28,60}(?!\\w)', 'random'],
  ['sendgrid-key', 'sg.', 'SG\\.[\\w-]{16,40}\\.[\\w-]{16,60}'],
  [
    'mail-key',
    'xkeysib- xsmtpsib- mlsn. re_ key- em-',
    '[A-Za-z]{2,8}[.\\-_](?:[a-f0-9]{32,80}(?:-[A-Za-z0-9]{16})?|[A-Za-z0-9]{8}_[A-Za-z0-9]{20,30})(?!\\w)',
    'random',
  ],
  ['slack-token', 'xox xapp- xwfp-', '(?:xox[a-z](?:\\.xox[a-z])?|xapp|xwfp)-[\\w-]{10,400}'],
  ['slack-webhook', 'hooks.slack.com', 'hooks\\.slack\\.com/(?:services|workflows|triggers)/[\\w/-]{20,100}'],
  [
    'discord-webhook',
    'discord.com/api/webhooks discordapp.com/api/webhooks',
    'discord(?:app)?\\.com/api/webhooks/\\d{15,22}/[\\w-]{50,90}',
  ],
  ['linear-key', 'lin_api_ lin_oauth_', 'lin_(?:api|oauth)_[A-Za-z0-9]{32,80}'],
  ['notion-key', 'ntn_ secret_', '(?:ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43})(?!\\w)'],
  // Keys without their frame
  [
    'private-key',
    'miie miib miic mhcc mc4c migh',
    '(?:MII[A-Za-z0-9+/]{2}(?:AIBAAKC|wIBADANBgkqhkiG9w0BAQEFAASC|gIBADANBgkqhkiG9w0BAQEFAASC|QIBADANBgkqhkiG9w0BAQEFAASC)|MHcCAQEE|MC4CAQAwBQYDK2V|MIGHAgEAMBMGByqGSM49)[A-Za-z0-9+/=\\\\\\s]{32,8000}',
  ],
  ['private-key', 'b3blbnnzac1rzxktdje', 'b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\\\\\\s]{40,8000}'],
  [
    'private-key',
    'ls0tls1crudjti',
    'LS0tLS1CRUdJTi(?:BSU0EgUFJJV|BQUklWQVRF|BPUEVOU1NIIFBSSV|BFQyBQUklW|BFTkNSWVBURUQgUFJJV|BEU0EgUFJJV|BQR1AgUFJJV)[A-Za-z0-9+/=\\\\\\s]{24,12000}',
  ],
  ['private-key', 'age-secret-key-1', 'AGE-SECRET-KEY-1[A-Z0-9]{50,60}'],
  ['private-key', 'xprv nsec1', '(?:xprv[A-Za-z0-9]{100,112}|nsec1[a-z0-9]{50,60})'],
];
