import { expect, test } from '@jest/globals';
import { findCommandSecrets } from '../../../../src/spans/redaction/finders/find-commands.js';
import { kindsOf, marked, workOf } from '../marked.js';

const ROWS = [
  'sshpass -p «hunter2x» ssh h',
  "sshpass -p'«hunter2x»' ssh h",
  '["sshpass", "-p", "«hunter2x»"]',
  'mysql -u root -p«hunter2x» db',
  'mysqldump -h h -p«hunter2x» db',
  'mariadb -p«hunter2x»',
  'xmysql -p hunter2x',
  'redis-cli -h h -a «hunter2x» ping',
  'valkey-cli --pass «hunter2x»',
  'docker login -u ada -p «hunter2x» r.example',
  'podman login -p «hunter2x»',
  'az login -u ada -p «hunter2x»',
  'cf login -p «hunter2x»',
  'hg -p «hunter2x»',
  '["az","login","-p","«hunter2x»"]',
  'docker run -p 8080:80 img',
  'docker run -p 8080:80/tcp img',
  'docker login -p --password-stdin',
  'docker login -p $PASSWORD1',
  'docker login -p secret',
  'docker login -p lantern',
  'docker login -p «lanterns»',
  'docker login -p «lanTern»',
  'docker login -p «lant%rn»',
  'docker run -p dir/path1x',
  'docker login -p «k9Xq2Zr7w4LpB3vT/x»',
  '7z a -p«hunter2x» a.7z',
  'unzip -P «hunter2x» a.zip',
  'ldapsearch -D cn=a -w «hunter2x» -b x',
  'openssl rsa -passin pass:«hunter2x» -in k',
  'keytool -list -storepass «hunter2x»',
  'jarsigner -keypass «hunter2x» a.jar',
  'htpasswd -bB f ada «hunter2x»',
  'htpasswd -B f ada hunter2x',
  'smbclient //h/s -U ada%«hunter2x»',
  'mount.cifs //h/s /m -o user=ada%«hunter2x»',
  'ConvertTo-SecureString -String "«hunter2x»" -AsPlainText -Force',
  'rabbitmqctl add_user ada «hunter2x»',
  'net user ada «hunter2x» /add',
  'net use x: //h/s /user:ada «hunter2x»',
  'curl -u ada:«hunter2x» https://h',
  'curl --user "ada:«hunter2x»" https://h',
  'curl -u ada:«dir/path1x» https://h',
  'curl -u ada https://h:8080',
  'wget --proxy-user=ada:«hunter2x» h',
  'ab -A x; http -a ada:«hunter2x» h',
  'echo «hunter2x» | docker login --password-stdin',
  "printf '«hunter2x»' | sudo -S ls",
  'echo hunter2x | tee f',
  'echo «ada:hunter2x» | sudo chpasswd',
  "CREATE USER ada IDENTIFIED BY '«hunter2x»'",
  "identified by '«hunter2x»'",
  "IDENTIFIED WITH mysql_native_password BY '«hunter2x»'",
  'sqlplus scott/«hunter2x»@db',
  'jdbc:oracle:thin:scott/«hunter2x»@h',
  'ada:«hunter2x»@tcp(db:3306)/app',
  'ada:«hunter2x»@unix(/s)/app',
  'db.example:5432:app:ada:«hunter2x»',
  'a\n*:*:*:ada:«hunter2x»\nb',
  'a:b:c:d:hunter2x',
  'db.example:5432:app:ada',
  'x\\nmysql -p«hunter2x»',
  'a mysql-like -phunter2x',
  'mysql -p«hunter2x»; mysql -p«hunter3x»',
  'docker login -p password',
  'docker login -p username',
  'echo «hunter2x» | gh auth login --with-token',
  'echo «hunter2x» | tool --stdin',
  'impdp scott/«hunter2x»@db',
  'expdp scott/«hunter2x»@db',
  'sqlldr scott/«hunter2x»@db',
  'ada:«hunter2x»@udp(db:3306)/app',
  'ada:«hunter2x»@cloudsql(db)/app',
  "Identified by '«hunter2x»'",
  "net 'user' ada hunter2x",
  'ab -A ada:«hunter2x» h',
  'a:b:5432:c:d',
  // A blank of any kind parts a command's words.
  'sshpass\t-p\t«hunter2x» ssh h',
  'curl\t-u ada:«hunter2x» https://h',
  'wget\t--user ada:«hunter2x» https://h',
  'mount.cifs; mount-cifs //h/s /m -o user=ada%hunter2x',
  ':\n*:*:*:ada:«hunter2x»\nb',
  // A path is no password, also where it looks drawn at random; base64 has no dot.
  'docker run -p k9Xq2Zr7w4LpB3vT8mNc/x.y img',
  'docker login -p «k9Xq2Zr7w4LpB3/v»',
  'docker login -p k9Xq2Zr7w4LpB/v',
  'nothing of the kind',
];
const words = 'These are ordinary words of a long text\n'.repeat(60);

test.each(ROWS.map((row) => [row]))('%s', (row) => {
  expect(marked(findCommandSecrets, row)).toBe(row);
});

test('in a long text as in a short one', () => {
  const rows = ROWS.map((row) => `\n${row}\n`).join(words);
  expect(marked(findCommandSecrets, rows)).toBe(rows);
});

test('their kind and order', () => {
  expect(kindsOf(findCommandSecrets, 'mysql -phunter2x; mysql -phunter3x; curl -u ada:hunter4x')).toEqual([
    ['password', 'hunter2x'],
    ['password', 'hunter3x'],
    ['password', 'hunter4x'],
  ]);
});

test('what two searches find is told of both, lines of .pgpass last', () => {
  expect(kindsOf(findCommandSecrets, 'echo ada:hunter2x | chpasswd')).toEqual([
    ['password', 'ada:hunter2x'],
    ['password', 'hunter2x'],
  ]);
  expect(kindsOf(findCommandSecrets, '*:*:*:ada:hunter3x\nmysql -phunter2x')).toEqual([
    ['password', 'hunter2x'],
    ['password', 'hunter3x'],
  ]);
});

test('a command costs its characters', () => {
  expect(workOf(findCommandSecrets, 'mysql -u root -phunter2x db')).toBe(24);
  expect(workOf(findCommandSecrets, 'nothing of the kind')).toBe(0);
  expect(workOf(findCommandSecrets, `${words}mysql -u root -phunter2x db`)).toBe(24);
});
