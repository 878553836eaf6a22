/** Texts of every day that look like secrets and are none: not a character of them may change. */
const FIXED = String.raw`const token = await getToken(); // refresh it
password: string; apiKey?: string; secret = process.env.SECRET;
if (user.password !== confirmPassword) throw new Error("passwords differ");
The bearer of this letter is a friend of the basic authorization scheme.
git show 1b20047b3762fe054569eb4a8a7f1df72c87ec65 --stat
sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
https://example.com:8080/path?q=a@b and mailto:someone@example.com
import { x } from "@scope/package"; // see http://localhost:5000/#/experiments/0
01a21080-3806-71b0-8d3d-a41cbbfe89bc call_4ed9000003 resp_70500001d3
skill-creator, risk-assessment-of-the-quarter, task-runner
npm_config_registry=https://registry.example/
the AKIA prefix, the ghp_ prefix and the sk- prefix
authToken = auth41.calculateToken(request, key)
rsaPrivateKey = pki.privateKeyToAsn1(privateKey)
private_key = Ed25519PrivateKey.from_private_bytes(data)
AZURE_PASSWORD = "AZURE_PASSWORD"
apiKey: "your-api-key-goes-here"
API_KEY=$OTHER_KEY
API_KEY=${'$'}{OTHER_KEY}
API_KEY=$(cat /run/secrets/key)
password = os.environ["DB_PASSWORD"]
password: process.env.DB_PASSWORD,
password: ${'$'}{{ secrets.DB_PASSWORD }}
password: "{{ vault_db_password }}"
password: !vault |
token: <your token>
token: YOUR_TOKEN_HERE
"password": "********"
PASSWORD=changeme
password: Optional[str] = None
def login(user: str, password: str) -> bool:
function login(user, password) { return check(password); }
const { password, ...rest } = user;
<input type="password" name="password" placeholder="Password" />
"password": "Mot de passe"
"passwordHint": "At least 8 characters, one digit"
"forgotPassword": "Forgot your password?"
msgid "Password"
password_field = "password_input"
max_tokens: 4096
MAX_TOKENS=4096
total_tokens=12873
"token_type": "Bearer"
"tokenUrl": "https://example.com/oauth/token"
tokenizer: cl100k_base
token_count = len(tokens)
next_page_token: CAUQAA
keyboard: qwerty
primary_key: user_id
public_key: MCowBQYDK2VwAyEA
foreignKey: "account_id"
cacheKey = sha256(url)
key: value
key = keys[0]
for (const key of Object.keys(object)) {}
"key": "build:linux-x64"
sortKey: createdAt
secretName: db-credentials
{"password": true, "pin": 4829, "passcode_length": 123456}
"pin": "4829"
"password": "string1"
"lifetimes": { "implicit": 3600, "password": 864000 }
pass "variant=other_name" to it
"password": { "type": "string", "example": "text1" }
password: 1234
{"passwords": 48291374, "wrong_password": 100002}
WRONG_PASSWORD = 100002
"password": "rs256"
passwordDigest: "sha512"
"password": "aes-256-gcm"
password_encryption = 'scram-sha-256'
secretKeyRef: { name: db, key: password }
kubectl create secret generic db
SecretManagerServiceClient
passport.authenticate('local')
compass: north
bypass: true
author: Ada Lovelace
authority: https://login.microsoftonline.com/common
auth: required
oauth2: enabled
Authorization: Bearer <token>
Authorization: Bearer $TOKEN
Authorization: Bearer ${'$'}{token}
headers.Authorization = ${'`'}Bearer ${'$'}{token}${'`'}
"Authorization": "Basic " + btoa(user + ":" + pass)
the Authorization header is required
Cookie: name=value
Set-Cookie: theme=dark; Path=/
postgres://user:password@localhost:5432/db
postgres://user:pass@host/db
https://user:pass@example.com/
redis://localhost:6379/0
mongodb://localhost:27017
http://localhost:3000/login?next=/home
https://example.com/?key=value
https://example.com/a?token=TOKEN
git@github.com:openai/codex.git
ssh://git@github.com/openai/codex.git
-----BEGIN CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8h ada@host
pk_live_ keys are publishable, sk_live_ keys are not
docker login -u ada --password-stdin registry.example.com
curl -u "$USER:$PASSWORD" https://example.com
curl -u user:password https://example.com
mysql -u root -p app
sshpass -p "$PASSWORD" ssh host
tool --password-file /run/secrets/db
tool --token-ttl 3600
--api-key string   the API key
PGPASSWORD=$DB_PASSWORD psql
DB_PASSWORD='$DB_PASSWORD_OF_2026'
process.env.DB_PASSWORD || "password"
process.env.DB_PASSWORD ?? getPassword()
password = decode64(input1)
password: user.getB64(first,second2),
password = sha256(input2,salt4
password: string,
token = tokens[i]&mask2
client_secret = Column(String(120))
credentials = credentials.with_quota_project('myproject-123')
DB_PASSWORD=$(pass show db/app2)
DB_PASSWORD=<your,password1>
password: |\n  Enter a password of 8 or more
password: >-\n  The password
variable "db_password" {\n  type = string\n  default = ""\n}
resource "db_password" { default = "utf8" }
keytool -storepass:file /run/secrets/pass2 -keypass $KEYPASS
ConvertTo-SecureString $password -AsPlainText -Force
ConvertTo-SecureString -String "$env:DB_PASSWORD" -AsPlainText
key_mgmt=WPA-PSK
psk=your-wifi-password
mysql -u root -p/etc/mysql/password2
docker run -p 8080:80/tcp nginx
see http://h:8080,ada@example.com and (http://h/x), bob@example.com
fetch('http://localhost:8080'),on('a@b')
connect('redis://cache:6379','ada@example.com')
echo $PASSWORD | docker login --password-stdin
password123 is a bad password
the password is incorrect
the password is too short
the token is expired
use the token from the settings page
enter a password for the new user
rotate the secret every 90 days
a secret of 32 bytes
key derivation with PBKDF2-HMAC-SHA256
algorithm: HS256
cipher = aes-256-gcm
hash: sha512
"integrity": "sha512-xvFBZEOFhQQgXaZjYZrQd1dbxDqoMzZK1g3H5AQOXkA0kWfaXYRkz7oQ2nVfVIMtRnVfFLTlFPvVfVVgmqYyyw=="
"resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz"
etag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
x-request-id: 7b0e3f1a-2c4d-4e5f-8a9b-0c1d2e3f4a5b
commit 9fceb02d0ae598e95dc970b74767f19372d61af8
image: ghcr.io/acme/api@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf
arn:aws:iam::123456789012:role/deploy
projects/acme/secrets/db-password/versions/3
op://vault/item/password
vault kv get secret/data/app
$2 per token
costs $1 or $5, see $6.50
1 password, 2 tokens
pass the salt
pass: 12, fail: 0
passed=12 failed=0
tests passed: 148
pwd
PWD=/home/ada/app
cd $OLDPWD
SSH_AUTH_SOCK=/tmp/ssh-XXXX/agent.1
KEY_UP=38
keyCode === 13
key_id: 12345
kid: 2024-01-01
api_key_id: app-1
client_id: 0oa1b2c3d4
clientId: "my-app"
username: ada
user: app
license: Apache-2.0
signature: (a: number, b: string) => void
let signature = sign(data, key);
expected token ',' but found '}'
Unexpected token < in JSON at position 0
SyntaxError: Unexpected token 'export'
error: invalid credentials
credentials: include
credentials: 'same-origin'
withCredentials: true
aws configure set region eu-west-1
AWS_PROFILE=dev
GOOGLE_APPLICATION_CREDENTIALS=/home/ada/key.json
TOKEN_FILE=/var/run/token
private static final String PASSWORD_KEY = "password";
public static final String TOKEN = "token";
const TOKEN_KEY = 'access_token';
localStorage.getItem('auth_token')
sessionStorage.setItem("token", token)
request.headers['x-api-key']
req.header("X-API-Key")
@Value("${'$'}{db.password}") String password
spring.datasource.password=${'$'}{DB_PASSWORD}
password_hash = bcrypt.hashpw(password, salt)
assert password == expected_password
self.password = password
this.token = token;
token = tokens.pop()
secret, err := client.GetSecret(ctx, name)
password, _ := os.LookupEnv("PASSWORD")
let password = rpassword::prompt_password("Password: ")?;
if let Some(token) = headers.get("authorization") {
type Credentials = { username: string; password: string };
interface Token { value: string; expires: number }
enum TokenKind { Identifier, Keyword }
SELECT password FROM users WHERE id = 1
ALTER TABLE users ADD COLUMN password TEXT
CREATE INDEX token_idx ON tokens (token)
identified by their names
| password | yes |
| token | the access token |
- password: the password of the user
[password]
password:
secret:
token=
ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
AKIAIOSFODNN7EXAMPLE
xoxb-your-token-here
data:image/svg+xml;utf8,<svg></svg>
border-radius: 4px; token-color: #ff0000
font-display: swap
0123456789abcdef0123456789abcdef
abcdefghijklmnopqrstuvwxyz0123456789
C:\Users\ada\AppData\Local\Temp\token.txt
/usr/lib/python3/dist-packages/secretstorage/util.py
src/auth/token-store.ts:12:  readonly token: Token;
node_modules/jsonwebtoken/index.js
feat(auth): add token rotation
fix: password reset mail
refs/heads/feature/api-key-rotation
com.example.security.PasswordEncoder
org.springframework.security.crypto.password
System.Security.Cryptography.RandomNumberGenerator
[REDACTED:github-token#1]
password: [REDACTED:password#2]
export API_KEY="[REDACTED:secret#3]"`.split('\n');

/** Ids, which others are found by: drawn anew. */
const DRAWN = [
  (r) => r.uuid(),
  (r) => `call_${r.base62(24)}`,
  (r) => `"call_id":"call_${r.base62(24)}"`,
  (r) => `resp_${r.hex(48)}`,
  (r) => `msg_${r.hex(48)}`,
  (r) => `rs_${r.hex(48)}`,
  (r) => `fc_${r.hex(48)}`,
  (r) => `toolu_01${r.base62(22)}`,
  (r) => `chatcmpl-${r.base62(29)}`,
  (r) => `exec-${r.uuid()}`,
  (r) => `pk_live_${r.base62(24)}`,
  (r) => `pk_test_${r.base62(99)}`,
  (r) => `cus_${r.base62(14)} evt_${r.base62(24)} pi_${r.base62(24)}`,
  (r) => `commit ${r.hex(40)}`,
  (r) => `sha256:${r.hex(64)}`,
  (r) => `index ${r.hex(7)}..${r.hex(7)} 100644`,
  (r) => `"integrity": "sha512-${r.base64(86)}=="`,
  (r) => `md5 ${r.hex(32)}`,
  (r) => `trace_id=${r.hex(32)} span_id=${r.hex(16)}`,
  (r) => `traceparent: 00-${r.hex(32)}-${r.hex(16)}-01`,
  (r) => `chunk-${r.upper(8)}.js main.${r.hex(20)}.css`,
  (r) => `"encrypted_content":"gAAAAA${r.base64url(100)}"`,
  (r) => `ssh-rsa AAAAB3NzaC1yc2E${r.base64(340)} ada@host`,
  (r) => `-----BEGIN CERTIFICATE-----\n${r.lines(6)}\n-----END CERTIFICATE-----`,
  (r) => `-----BEGIN PUBLIC KEY-----\n${r.lines(4)}\n-----END PUBLIC KEY-----`,
  (r) => `data:font/woff2;base64,${r.base64(200)}`,
  (r) => `//# sourceMappingURL=data:application/json;base64,${r.base64(200)}`,
  (r) => `SHA256:${r.base64(43)}`,
  (r) => `container ${r.hex(12)}`,
  (r) => `rollout-2026-01-01T00-00-00-${r.uuid()}.jsonl`,
  (r) => `go.sum h1:${r.base64(43)}=`,
  (r) => `Etag: W/"${r.hex(32)}"`,
  (r) => `/objects/${r.hex(2)}/${r.hex(38)}`,
  (r) => `digest: ${r.hex(64)}`,
  (r) => `build-${r.hex(40)}`,
  (r) => `"signature": "MEQCI${r.base64(86)}==", "id": "x"`,
  (r) => `computeSignature('', 'test_secret') => '${r.hex(64)}'`,
  (r) => `INSERT INTO t VALUES ('${r.uuid()}', 'password', '${r.uuid()}', 1);`,
  () => 'case TypePassword:\n\t\tisAAL1 = true',
  (r) => `prod_${r.base62(14)} price_1${r.base62(23)}`,
];

/** @returns {string[]} all look-alikes, the drawn ones anew for each seed */
export function lookAlikes(random) {
  return [...FIXED, ...DRAWN.map((make) => make(random))];
}
