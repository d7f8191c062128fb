// `plotbridge serve` for tests. PLOTBRIDGE names the program.
import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';

const kProgram = process.env.PLOTBRIDGE ?? fileURLToPath(new URL('../../../build/dev/plotbridge', import.meta.url));
const kPatienceMs = 20000;

// Starts `plotbridge serve` on free ports; it tells them in its log. `tlsUrl` is there when `options` configure it.
export function serve(options = ['--listen', '127.0.0.1:0']) {
  const program = spawn(kProgram, ['serve', ...options], {stdio: ['ignore', 'ignore', 'pipe']});
  const ended = new Promise(resolve => program.once('exit', resolve));
  return new Promise((resolve, reject) => {
    let log = '';
    const fail = why => {
      program.kill('SIGKILL');
      reject(new Error(`${kProgram} ${why}; its log:\n${log}`));
    };
    const deadline = setTimeout(() => fail('did not say where it listens'), kPatienceMs);
    program.once('error', error => fail(error.message));
    program.once('exit', code => fail(`ended with ${code}`));
    program.stderr.on('data', data => {
      log += data;
      const url = log.match(/listening.*\burl=(http:\/\/127\.0\.0\.1:\d+)\//);
      const tlsUrl = log.match(/listening.*\burl=(https:\/\/127\.0\.0\.1:\d+)\//);
      if (!url || (options.includes('-c') && !tlsUrl)) return;
      clearTimeout(deadline);
      program.removeAllListeners('exit');
      resolve({
        url: url[1],
        tlsUrl: tlsUrl?.[1],
        log: () => log,
        stop() {
          program.kill('SIGTERM');
          return ended;
        },
      });
    });
  });
}
