/**
 * Globals that the types of `effect` take from the browser's, and that Node's have elsewhere.
 *
 * @module
 */
type CryptoKey = import('node:crypto').webcrypto.CryptoKey;
type JsonWebKey = import('node:crypto').webcrypto.JsonWebKey;
