// A vendor that is nothing but openid-client: commands come as JSON, one a line, and so do its answers.
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const AUTHENTICATION = {
  client_secret_basic: (secret) => client.ClientSecretBasic(secret),
  client_secret_post: (secret) => client.ClientSecretPost(secret),
  client_secret_jwt: (secret) => client.ClientSecretJwt(secret),
  private_key_jwt: () => client.PrivateKeyJwt(keys.privateKey),
  none: () => client.None(),
}

let config, keys, proof_keys, asked
let proving = {}
let traffic = []

async function noting(address, options) {
  const answer = await fetch(address, options)
  traffic.push(`${options.method} ${new URL(address).pathname} ${answer.status}`)
  return answer
}

const WATCHED = { [client.customFetch]: noting }

const commands = {
  async make_keys({ alg }) {
    keys = await client.randomDPoPKeyPair(alg)
    return crypto.subtle.exportKey('jwk', keys.publicKey)
  },

  async discover({ issuer, client_id, client_secret, method = 'client_secret_basic' }) {
    config = await client.discovery(
      new URL(issuer), client_id, undefined, AUTHENTICATION[method](client_secret), WATCHED,
    )
    client.enableNonRepudiationChecks(config)
  },

  async register({ issuer, metadata }) {
    config = await client.dynamicClientRegistration(new URL(issuer), metadata, undefined, WATCHED)
    client.enableNonRepudiationChecks(config)
    return config.clientMetadata()
  },

  expect_signed_responses: () => client.useJwtResponseMode(config),

  expect_id_token: () => client.useIdTokenResponseType(config),

  expect_code_and_id_token: () => client.useCodeIdTokenResponseType(config),

  take: ({ address }) => client.implicitAuthentication(config, new URL(address), asked.expectedNonce, asked),

  async prove({ alg }) {
    proof_keys = await client.randomDPoPKeyPair(alg)
    commands.forget_nonces()
  },

  forget_nonces() {
    proving = { DPoP: client.getDPoPHandle(config, proof_keys) }
  },

  async ask({ parameters, signed = false, pushed = false }) {
    asked = {
      pkceCodeVerifier: client.randomPKCECodeVerifier(),
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
      idTokenExpected: true,
    }
    let request = {
      ...parameters,
      code_challenge: await client.calculatePKCECodeChallenge(asked.pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: asked.expectedState,
      nonce: asked.expectedNonce,
    }
    if (proving.DPoP) request.dpop_jkt = await proving.DPoP.calculateThumbprint()
    let address = client.buildAuthorizationUrl(config, request)
    if (signed) {
      address = await client.buildAuthorizationUrlWithJAR(config, request, keys.privateKey)
      request = address.searchParams
    }
    return pushed ? client.buildAuthorizationUrlWithPAR(config, request, proving) : address
  },

  async redeem({ address, body, max_age }) {
    const form = { method: 'POST', body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
    const arrived = new Request(address, body ? form : undefined)
    const checks = max_age === undefined ? asked : { ...asked, maxAge: max_age }
    return described(await client.authorizationCodeGrant(config, arrived, checks, undefined, proving))
  },

  refresh: async ({ token }) => described(await client.refreshTokenGrant(config, token, undefined, proving)),

  exchange: async ({ grant_type, parameters }) =>
    described(await client.genericGrantRequest(config, grant_type, parameters, proving)),

  read: ({ token, sub }) => client.fetchUserInfo(config, token, sub, proving),

  introspect: ({ token }) => client.tokenIntrospection(config, token),

  revoke: ({ token }) => client.tokenRevocation(config, token),

  end_session: ({ parameters }) => client.buildEndSessionUrl(config, parameters),

  traffic() {
    const seen = traffic
    traffic = []
    return seen
  },
}

const described = (tokens) => ({ ...tokens, claims: tokens.claims() })

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...given } = JSON.parse(line)
  try {
    console.log(JSON.stringify({ answer: (await commands[command](given)) ?? null }))
  } catch ({ name, message, code, error, error_description, cause }) {
    const why = error_description ?? cause?.message ?? JSON.stringify(cause)
    console.log(JSON.stringify({ failure: { name, message, code, error, why } }))
  }
}
