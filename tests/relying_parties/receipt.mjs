// Whether receipts and consent tokens were signed by the keys they name, as a judge finds out with nothing but jose: documents come as
// JSON, and what they say goes back.
import { text } from 'node:stream/consumers'
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose'

const LETTERS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

// did:key by its specification: multibase z is base58btc, multicodec 0xed 0x01 is an Ed25519 key.
function keyOf(did) {
  const letters = [...did.slice('did:key:z'.length)]
  const number = letters.reduce((sum, letter) => sum * 58n + BigInt(LETTERS.indexOf(letter)), 0n)
  const bytes = Buffer.from(number.toString(16).padStart(68, '0'), 'hex')
  if (bytes[0] !== 0xed || bytes[1] !== 0x01) throw new Error('not an Ed25519 key')
  return importJWK({ kty: 'OKP', crv: 'Ed25519', x: bytes.subarray(2).toString('base64url') }, 'EdDSA')
}

async function said(document) {
  const { kid, typ } = decodeProtectedHeader(document)
  if (!['consent-receipt+jwt', 'consent+jwt'].includes(typ)) throw new Error('another kind of document')
  const { payload } = await compactVerify(document, await keyOf(kid.split('#')[0]), { algorithms: ['EdDSA'] })
  return JSON.parse(new TextDecoder().decode(payload))
}

const documents = JSON.parse(await text(process.stdin))
console.log(JSON.stringify(await Promise.all(documents.map(said))))
