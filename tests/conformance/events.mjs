// Remembers what was sent on event streams, so that a client that comes back gets the rest.

/** An event store of the SDK, in memory: ids are `<stream>/<number>`, numbers grow over all streams. */
export class Events {
  #events = [];

  async storeEvent(stream, message) {
    this.#events.push({ stream, message });
    return `${stream}/${this.#events.length}`;
  }

  async getStreamIdForEventId(id) {
    return this.#events[numberOf(id) - 1]?.stream;
  }

  async replayEventsAfter(id, { send }) {
    const from = numberOf(id);
    const stream = this.#events[from - 1]?.stream;
    for (const [index, event] of this.#events.entries()) {
      // A message without members only gave the client an id to come back with.
      if (index >= from && event.stream === stream && Object.keys(event.message ?? {}).length > 0) {
        await send(`${stream}/${index + 1}`, event.message);
      }
    }
    return stream;
  }
}

function numberOf(id) {
  return Number(id.slice(id.lastIndexOf("/") + 1));
}
