/**
 * Where the bodies of one function run in a worker.
 *
 * @module
 */
import { OpenScope } from '../../core/open-scope.ts';
import { rootToken } from '../../core/token.ts';
import type { CapturedContext } from '../../runtime/context.ts';

/** The scope in which bodies of one function run, one after the other. What fails later, in its ambient values, was begun by one of them. */
export class BodyScope extends OpenScope {
  readonly title: string;

  constructor(title: string) {
    super({ name: title || 'call', grace: Number.POSITIVE_INFINITY }, rootToken);
    this.title = title;
  }
}

/** Where the bodies of one function run. */
export interface Home {
  readonly route: number;
  /** It is used again and again until a body has left anything in it. */
  scope: BodyScope | undefined;
  /** The ambient values inside that scope: to enter them anew for each body would cost more than a small body does. */
  inside: CapturedContext | undefined;
  /** A body has taken more than one turn: others could fail meanwhile, so that each gets a scope of its own. */
  isLong: boolean;
}

/** Its next body gets a new scope. */
export function renew(home: Home): void {
  home.scope = undefined;
  home.inside = undefined;
}
