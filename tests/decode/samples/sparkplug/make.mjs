// Writes the payloads beside it, with an encoder that others wrote (npm sparkplug-payload 1.0.3, EPL-2.0, not part of
// this project): npm install sparkplug-payload@1.0.3 long && node make.mjs
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const sparkplug = require('sparkplug-payload').get('spBv1.0');
const Long = require('long');

const at = 1795452000000;
const write = (name, payload) => {
  const bytes = sparkplug.encodePayload(payload);
  writeFileSync(new URL(`${name}.bin`, import.meta.url), bytes);
};

write('nbirth', { timestamp: at, seq: 0, metrics: [
  { name: 'bdSeq', type: 'UInt64', value: 3, timestamp: at },
  { name: 'Node Control/Rebirth', type: 'Boolean', value: false, timestamp: at },
  { name: 'Inputs/Temp', alias: 0, type: 'Double', value: 21.5, timestamp: at },
  { name: 'Inputs/Level', alias: 1, type: 'Int16', value: -87, timestamp: at },
] });
write('ndata', { timestamp: at + 1000, seq: 1, metrics: [
  { alias: 0, type: 'Double', value: 22.25, timestamp: at + 900 },
  { alias: 1, type: 'Int16', value: -88, timestamp: at + 950 },
] });
write('scalars', { timestamp: at, seq: 0, metrics: [
  { name: 'Int8', type: 'Int8', value: -8 },
  { name: 'Int16', type: 'Int16', value: -1600 },
  { name: 'Int32', type: 'Int32', value: -320000 },
  { name: 'Int64', type: 'Int64', value: Long.fromString('-9007199254740993') },
  { name: 'UInt8', type: 'UInt8', value: 250 },
  { name: 'UInt16', type: 'UInt16', value: 65000 },
  { name: 'UInt32', type: 'UInt32', value: 4294967295 },
  { name: 'UInt64', type: 'UInt64', value: Long.fromString('18446744073709551615', true) },
  { name: 'Float', type: 'Float', value: 1.25 },
  { name: 'Double', type: 'Double', value: 0.1 },
  { name: 'Boolean', type: 'Boolean', value: true },
  { name: 'String', type: 'String', value: 'a "b"\n' },
  { name: 'DateTime', type: 'DateTime', value: Long.fromNumber(at) },
  { name: 'Text', type: 'Text', value: 'text' },
  { name: 'UUID', type: 'UUID', value: '8f4c' },
  { name: 'Bytes', type: 'Bytes', value: new Uint8Array([1, 255]) },
  { name: 'Null', type: 'Int32', value: null },
] });
write('complex', { timestamp: at, seq: 0, metrics: [
  { name: 'DataSet', type: 'DataSet', value: {
    numOfColumns: 2, columns: ['name', 'value'], types: ['String', 'Int32'], rows: [['a', 1], ['b', -2]] } },
  { name: 'Template', type: 'Template', value: { isDefinition: false, templateRef: 'Motor', version: '1', metrics: [
    { name: 'rpm', type: 'Int32', value: 1480 }, { name: 'state', type: 'String', value: 'RUNNING' }],
    parameters: [{ name: 'pole', type: 'Int32', value: 4 }] } },
  { name: 'Stale', type: 'Double', value: 5, properties: { Quality: { type: 'Int32', value: 500 } } },
  { name: 'Good', type: 'Double', value: 5, properties: {
    Unit: { type: 'String', value: 'bar' }, Quality: { type: 'Int32', value: 192 } } },
] });
