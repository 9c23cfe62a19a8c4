/**
 * What a worker needs for a call that shares something with its caller. Most workers never get one: the host loads this with the first.
 *
 * @module
 */
export { Borrower } from '../shared/borrower.ts';
export { bodyOf } from './generator-host.ts';
