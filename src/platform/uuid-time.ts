/** The ms since the epoch in a UUIDv7 (RFC 9562), undefined for any other id. */
export function uuidTimeMs(id: string | undefined): number | undefined {
  const match = id?.match(/^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i);
  return match ? Number.parseInt(`${match[1]}${match[2]}`, 16) : undefined;
}
