// The peer: oidc-provider with its defaults, a durable SQLite adapter and one person who signs in and agrees by itself.
// Usage: node server.mjs PORT DATABASE CLIENT.json PERSON.json; one JSON line on stdout says what it runs on, then it listens.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

import { adapterOver, durabilityOf, openDatabase } from "./adapter.mjs";

const [port, file, clientFile, personFile] = process.argv.slice(2);
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const versionOf = (name) => readJson(new URL(`node_modules/${name}/package.json`, import.meta.url)).version;

const { purposes, require_pkce, ...client } = readJson(clientFile);
const { login, ...person } = readJson(personFile);
const database = openDatabase(file);

database.exec("CREATE TABLE account (id TEXT PRIMARY KEY, claims TEXT NOT NULL) WITHOUT ROWID");
database.prepare("INSERT INTO account VALUES (?, ?)").run(login, JSON.stringify(person));
const selectAccount = database.prepare("SELECT claims FROM account WHERE id = ?");

function findAccount(ctx, accountId) {
  const row = selectAccount.get(accountId);
  return row && { accountId, claims: () => ({ sub: accountId, ...JSON.parse(row.claims) }) };
}

const signingKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
const twoWeeks = 14 * 24 * 3600;

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: adapterOver(database),
  claims: { openid: ["sub"], email: ["email"], profile: ["name", "given_name", "family_name"] },
  clients: [client],
  cookies: { keys: [randomBytes(32).toString("hex")] },
  enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
  // Tokens live on their own, as ours do; bound to the session, each of them would cost one more look-up.
  expiresWithSession: () => false,
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  findAccount,
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: (ctx, asking) => asking.grantTypeAllowed("refresh_token"),
  jwks: { keys: [{ ...signingKey, use: "sig", alg: "ES256", kid: "bench" }] },
  rotateRefreshToken: true,
  ttl: {
    AccessToken: 3600,
    AuthorizationCode: 60,
    Grant: twoWeeks,
    IdToken: 3600,
    Interaction: 3600,
    RefreshToken: twoWeeks,
    Session: twoWeeks,
  },
});

async function agree({ params, session, prompt, grantId }) {
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(" "));
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  return { consent: { grantId: await grant.save() } };
}

async function finishInteraction(request, response) {
  const interaction = await provider.interactionDetails(request, response);
  const signsIn = interaction.prompt.name === "login";
  const result = signsIn ? { login: { accountId: login } } : await agree(interaction);
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: !signsIn });
}

const answer = provider.callback();

const server = createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  return finishInteraction(request, response).catch((error) => response.writeHead(400).end(error.message));
});

const software = `oidc-provider ${versionOf("oidc-provider")}, better-sqlite3 ${versionOf("better-sqlite3")}, Node.js ${process.version}`;
console.log(JSON.stringify({ software, durability: durabilityOf(database) }));
server.listen(Number(port), "127.0.0.1");
