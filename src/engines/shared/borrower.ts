export class Borrower {
  constructor(_line: unknown) {}
  borrow(_h: unknown): never {
    throw new Error('x');
  }
}
