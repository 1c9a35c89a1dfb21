#!/usr/bin/env bash
# Guess: `npm sbom --omit=dev` lists what `npm ci --omit=dev` installs.
# Seen (npm 11.19.1): a package that the product needs is left out as soon as a development dependency needs it too, and with it
# everything that only it brings. Here the product's one dependency, debug, and its ms, which `npm ls --omit=dev` shows, are both
# missing: the bill is empty, exit code 0.
# What it taught: our bill of materials is the whole one, filtered by what the lock file marks (tools/sbom.mjs).
# Needs: node 20, npm. Installs into a temporary folder; talks to the package registry only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/tool" "$folder/product"
cd "$folder/tool"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts npm@11.19.1
npm=$folder/tool/node_modules/.bin/npm
cd "$folder/product"
cat >package.json <<'JSON'
{ "name": "product", "version": "1.0.0", "dependencies": { "debug": "4.4.3" }, "devDependencies": { "send": "1.2.0" } }
JSON
"$npm" install --no-audit --no-fund --silent --ignore-scripts
names() { node -e 'const b=JSON.parse(require("fs").readFileSync(0));console.log(b.components.map((c)=>c.name).sort().join(" "))'; }
echo "npm $("$npm" --version)"
installed=$("$npm" ls --omit=dev --all --parseable | sed -n 's/.*node_modules\///p' | sort | tr '\n' ' ' | sed 's/ $//')
bill=$("$npm" sbom --sbom-format=cyclonedx --omit=dev | names)
echo "npm ls --omit=dev:   $installed"
echo "npm sbom --omit=dev: $bill"
[ "$installed" = 'debug ms' ] && [ "$bill" = '' ] || { echo 'this has changed'; exit 1; }
echo 'as described'
