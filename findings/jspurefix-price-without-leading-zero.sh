#!/usr/bin/env bash
# Guess: a reader of FIX takes `31=.25` for a quarter: the standard's float is digits with an optional point, which may have leading
# zeros and need not.
# Seen (jspurefix 5.11.4, FIX 4.4): .25 becomes 250, .5 and .05 both become 50 and -.5 becomes -50, without an error; 0.25 and 5. are
# read right. An execution report at .25 thus is a fill at 250.
# What it taught: the drop copy (libs/adapter-drop-copy) takes the text of a number, never the number, and reads it by Decimal.tryParse,
# which knows .25 (libs/kernel/src/decimal.ts).
# Needs: node 20, npm. Installs into a temporary folder; talks to the package registry only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts -E jspurefix@5.11.4 reflect-metadata@0.2.2
cat >seen.cjs <<'JS'
require('reflect-metadata');
const { AsciiParser, DefinitionFactory, DITokens, SessionContainer } = require('jspurefix');
const { dirname } = require('node:path');
process.chdir(dirname(require.resolve('jspurefix/package.json')));
const SOH = '\u0001';

function report(price) {
  const fields = ['35=8', '49=A', '56=B', '34=2', '52=20260105-12:30:00.123', '37=1', '17=1', '150=F', '39=2', '55=ESH6', '54=1', '32=3', `31=${price}`, '151=0', '14=3', `6=${price}`];
  const body = fields.map((field) => field + SOH).join('');
  const text = `8=FIX.4.4${SOH}9=${body.length}${SOH}${body}`;
  const sum = [...text].reduce((total, letter) => total + letter.charCodeAt(0), 0) % 256;
  return `${text}10=${String(sum).padStart(3, '0')}${SOH}`;
}

async function main() {
  const containers = new SessionContainer();
  containers.registerGlobal('error');
  const session = {
    application: { type: 'initiator', name: 'reader', protocol: 'ascii', dictionary: 'qf44', reconnectSeconds: 10, tcp: { host: 'localhost', port: 1 } },
    SenderCompId: 'B', TargetCompID: 'A', HeartBtInt: 30, BeginString: 'FIX.4.4', ResetSeqNumFlag: true, EncryptMethod: 0,
  };
  const container = await containers.makeSystem(session);
  const config = container.resolve(DITokens.IJsFixConfig);
  config.delimiter = SOH.charCodeAt(0);
  config.definitions = await new DefinitionFactory().getDefinitions('qf44');
  const read = (price) => {
    const parser = new AsciiParser(config, null, container.resolve(DITokens.ParseBuffer));
    let last;
    parser.on('msg', (_type, view) => {
      last = view.toObject().LastPx;
    });
    parser.parseText(report(price));
    return last;
  };
  const seen = Object.fromEntries(['0.25', '.25', '.5', '.05', '-.5', '5.'].map((price) => [price, read(price)]));
  console.log(seen);
  const described = { '0.25': 0.25, '.25': 250, '.5': 50, '.05': 50, '-.5': -50, '5.': 5 };
  process.exit(JSON.stringify(seen) === JSON.stringify(described) ? 0 : 1);
}
main();
JS
node seen.cjs || { echo 'this has changed'; exit 1; }
echo 'as described'
