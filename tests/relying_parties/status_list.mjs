// Whether consent tokens still count, as a judge finds out with nothing but jose: tokens come as JSON, statuses go back.
import { text } from 'node:stream/consumers'
import { inflateSync } from 'node:zlib'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'

async function statusOf(token) {
  const { aud, status } = decodeJwt(token)
  const [, wallet] = aud
  const { idx, uri } = status.status_list
  const answer = await fetch(uri, { headers: { Accept: 'application/statuslist+jwt' } })
  const { payload } = await jwtVerify(await answer.text(), createRemoteJWKSet(new URL(`${wallet}/oauth/jwks`)), {
    typ: 'statuslist+jwt', algorithms: ['ES256'], issuer: wallet, subject: uri, requiredClaims: ['iat', 'exp'],
  })
  const { bits, lst } = payload.status_list
  const array = inflateSync(Buffer.from(lst, 'base64url'))
  const position = idx * bits
  return (array[position >> 3] >> (position & 7)) & (2 ** bits - 1)
}

const tokens = JSON.parse(await text(process.stdin))
console.log(JSON.stringify(await Promise.all(tokens.map(statusOf))))
