/**
 * Values as bytes, as a structured clone would have them. The codec of the host gives views that look into the message they came in, each
 * by itself; here a view owns its buffer, and shares it with the others that did.
 *
 * @module
 */
import { hostModule } from '../../runtime/runtime.ts';

type V8 = typeof import('node:v8');

/** Buffers that travel, and how many views of each, as far as that is known. */
export type Buffers = ReadonlyMap<ArrayBufferLike, number>;

/** Writes values, and reads them. */
export interface Codec {
  /**
   * @param buffers of all views in the value; undefined when nobody has counted
   * @throws RangeError when it is too deep; Error when something in it cannot be written
   */
  write(value: unknown, buffers: Buffers | undefined): Uint8Array;
  /** @throws RangeError when it is too deep; Error when it is none of ours */
  read(bytes: Uint8Array): unknown;
}

let codec: Codec | undefined;

/** That of this runtime. */
export function codecHere(): Codec {
  codec ??= makeCodec(hostModule<V8>('node:v8') as V8);
  return codec;
}

const NAMES = [
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
];

const BUFFER: number = NAMES.length;

/** What follows a view: the part of its buffer that it looks at, as bytes, or the buffer. */
const PART = 0;
const WHOLE = 1;

type ViewType = {
  readonly BYTES_PER_ELEMENT?: number;
  new (buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView;
};

/** Those that a runtime does not have are none of its values either. */
const VIEWS: readonly ViewType[] = NAMES.map(
  (name) => (globalThis as Record<string, unknown>)[name] as ViewType,
);

function makeCodec(v8: V8): Codec {
  const ours = ownCodec(v8);
  try {
    const probe = new Uint8Array(1);
    if ((ours.read(ours.write(probe, undefined)) as Uint8Array).length === 1) return ours;
  } catch {
    // A runtime without codecs of one's own.
  }
  return { write: (value) => v8.serialize(value), read: (bytes) => v8.deserialize(bytes) };
}

function ownCodec(v8: V8): Codec {
  return {
    write(value, buffers) {
      const writer = new v8.Serializer() as Writing;
      writer._setTreatArrayBufferViewsAsHostObjects(true);
      writer._writeHostObject = (object) => writeView(writer, object, buffers);
      writer.writeHeader();
      writer.writeValue(value);
      return writer.releaseBuffer();
    },
    read(bytes) {
      const reader = new v8.Deserializer(bytes) as Reading;
      reader._readHostObject = () => readView(reader);
      reader.readHeader();
      return reader.readValue();
    },
  };
}

type Writing = import('node:v8').Serializer & {
  _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void;
  _writeHostObject(object: object): void;
};

type Reading = import('node:v8').Deserializer & { _readHostObject(): unknown };

function writeView(writer: Writing, view: object, buffers: Buffers | undefined): void {
  if (!ArrayBuffer.isView(view)) throw new Error('An object of the host that cannot be cloned');
  const { buffer, byteOffset, byteLength } = view;
  writer.writeUint32(typeOf(view));
  const isAlone = buffers !== undefined && (buffers.get(buffer) ?? 0) < 2;
  const isPart = byteLength < buffer.byteLength;
  // What is around a Buffer is often the host's, and somebody else's data.
  const isOwn = buffer instanceof ArrayBuffer && !(isPart && (isAlone || isBuffer(view)));
  writer.writeUint32(isOwn ? WHOLE : PART);
  writer.writeDouble(byteLength);
  if (isOwn) {
    writer.writeDouble(byteOffset);
    writer.writeValue(buffer);
  } else writer.writeRawBytes(new Uint8Array(buffer, byteOffset, byteLength));
}

function typeOf(view: ArrayBufferView): number {
  if (isBuffer(view)) return BUFFER;
  const name = Object.prototype.toString.call(view).slice(8, -1);
  return Math.max(NAMES.indexOf(name), 0);
}

function isBuffer(view: ArrayBufferView): boolean {
  return 'Buffer' in globalThis && Buffer.isBuffer(view);
}

function readView(reader: Reading): ArrayBufferView {
  const type = reader.readUint32();
  const isWhole = reader.readUint32() === WHOLE;
  const length = reader.readDouble();
  const offset = isWhole ? reader.readDouble() : 0;
  const buffer: unknown = isWhole ? reader.readValue() : ownBytes(reader, length);
  const View = type === BUFFER ? undefined : VIEWS[type];
  const size = View?.BYTES_PER_ELEMENT ?? 1;
  const isView =
    buffer instanceof ArrayBuffer &&
    (View !== undefined || type === BUFFER) &&
    [offset, length].every((bytes) => bytes >= 0 && Number.isInteger(bytes / size)) &&
    offset + length <= buffer.byteLength;
  if (!isView) throw new Error('A view that is none');
  return View === undefined
    ? Buffer.from(buffer, offset, length)
    : new View(buffer, offset, length / size);
}

function ownBytes(reader: Reading, length: number): ArrayBuffer {
  const bytes = reader.readRawBytes(length);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + length) as ArrayBuffer;
}
