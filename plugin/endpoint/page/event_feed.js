// The events of one plot. The browser itself comes back after a broken connection and says where it was; what it gives
// up on (an error status, a connection that is silent but not closed) is opened anew here.

const kSilenceMs = 10000;
const kLookMs = 2000;
const kFirstRetryMs = 1000;
const kLastRetryMs = 10000;

// `handlers`: window, points, status and gone take the event's data; up and down tell the connection's state.
// `exists` answers a promise of false when the plot is not there any more; it may fail.
export class EventFeed {
  constructor(url, handlers, exists) {
    this.url = url;
    this.handlers = handlers;
    this.exists = exists;
    this.retryMs = kFirstRetryMs;
    this.open();
    this.watch = setInterval(() => this.lookForSilence(), kLookMs);
  }

  open() {
    this.heardAt = performance.now();
    this.source = new EventSource(this.url);
    this.source.addEventListener('open', () => this.connected());
    this.source.addEventListener('error', () => this.failed());
    for (const name of ['window', 'points', 'status', 'gone']) {
      this.source.addEventListener(name, ({data}) => {
        this.heardAt = performance.now();
        if (name === 'gone') this.stop();
        this.handlers[name](JSON.parse(data));
      });
    }
  }

  stop() {
    clearInterval(this.watch);
    clearTimeout(this.retry);
    this.source.close();
  }

  connected() {
    this.heardAt = performance.now();
    this.retryMs = kFirstRetryMs;
    this.handlers.up();
  }

  failed() {
    this.heardAt = performance.now();
    this.handlers.down();
    if (this.source.readyState === EventSource.CLOSED) this.reopenLater();
  }

  lookForSilence() {
    if (this.source.readyState !== EventSource.OPEN || performance.now() - this.heardAt < kSilenceMs) return;
    this.source.close();
    this.handlers.down();
    this.reopenLater();
  }

  reopenLater() {
    this.retry = setTimeout(async () => {
      const there = await this.exists().catch(() => null);
      if (there) {
        this.open();
      } else if (there === false) {
        this.stop();
        this.handlers.gone({});
      } else {
        this.reopenLater();
      }
    }, this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, kLastRetryMs);
  }
}
