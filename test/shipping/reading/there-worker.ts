/**
 * Runs what was shipped, as a worker does.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';
import { load } from '../../../src/shipping/load.ts';
import type { AnyFunction, Shipment } from '../../../src/shipping/shipment.ts';
import { shown } from './world.ts';

process.on('unhandledRejection', () => undefined);
parentPort?.on('message', (shipment: Shipment) => {
  void shown(load(shipment) as AnyFunction).then((text) => parentPort?.postMessage(text));
});
