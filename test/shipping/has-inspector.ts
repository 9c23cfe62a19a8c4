import { inspect } from '../../src/shipping/inspector.ts';

/** Does the inspector of this host answer at once? On Node it does; elsewhere names are all that is known of what a function captures. */
export const hasInspector: boolean =
  inspect(
    () => 1,
    () => true,
  ) === true;
