export class Lender {
  constructor(_line: unknown, _name: string) {}
  lend(): never {
    throw new Error('x');
  }
  end(_why: unknown): void {}
}
