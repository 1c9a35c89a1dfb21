/**
 * What the audit needs to read of a published commit. The host adapts its codec to this; the bytes stay the truth and
 * nothing here is ever re-serialised.
 */
export interface EnvelopeView {
  readonly commitId: string;
  readonly epoch: string;
  /** `context/type/id`. */
  readonly aggregate: string;
  /** Versions of the first and last event; the first ever is 1. */
  readonly fromVersion: number;
  readonly toVersion: number;
  /** SHA-256 of the aggregate's previous commit as published; empty for the first. */
  readonly prevHash: Uint8Array;
  readonly causation: CausationView;
  readonly correlationId: string;
  readonly producer: ProducerView;
  /** Empty where no policy, or no limits, were in force. */
  readonly policyHash: string;
  readonly limitsVersion: string;
  readonly eventTypes: readonly string[];
}

export interface CausationView {
  readonly stream: string;
  /** 0 where the cause lies outside a stream. */
  readonly seq: number;
  readonly commitId: string;
}

export interface ProducerView {
  readonly service: string;
  readonly version: string;
  readonly gitSha: string;
  readonly kernelHash: string;
}

/** Throws for bytes that are not a commit of a known version. */
export type DecodeEnvelope = (bytes: Uint8Array) => EnvelopeView;

/** The envelope, or why the bytes are none. */
export function tryDecode(decode: DecodeEnvelope, bytes: Uint8Array): EnvelopeView | string {
  try {
    return decode(bytes);
  } catch (error) {
    return error instanceof Error ? error.message : 'the bytes are not a commit';
  }
}
