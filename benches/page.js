// Runs the plan that the server gives, one task after the other, and posts what came out.

// What a handler throws, nobody awaits.
addEventListener('error', ({ message }) => post('/failed', { message }));

try {
  if (!crossOriginIsolated) throw new Error('the page is not isolated, so its clock ticks too slowly');
  const { contenders } = await import('/contenders.js');
  const { rounds, milliseconds, tasks } = await get('/plan');
  for (let round = 0; round < rounds; round++) {
    for (const [at, task] of tasks.entries()) {
      // Another one begins each time: who comes first may find a colder machine.
      for (let turn = 0; turn < contenders.length; turn++) {
        const contender = contenders[(round + turn) % contenders.length];
        const { url } = await get(`/start?task=${at}`);
        // What one leaves behind, another need not clear away.
        gc();
        const result = await measure(contender, { ...task, url, milliseconds });
        await get('/stop');
        await post('/result', { task: at, contender: contender.name, result });
      }
    }
  }
  await post('/done', { agent: navigator.userAgent });
} catch (error) {
  await post('/failed', { message: String(error?.stack ?? error) });
}

async function measure(contender, { kind, url, size, count, milliseconds }) {
  switch (kind) {
    case 'in':
      return contender.flood(url, milliseconds, size, () => get('/stop'));
    case 'out': {
      // The server's side knows when the first and the last one came.
      let rate;
      await contender.send(url, count, size, async () => {
        ({ rate } = await get('/delivered'));
      });
      return rate;
    }
    case 'round trip':
      return median(await contender.roundTrips(url, milliseconds, size));
    default:
      throw new Error(`no task ${kind}`);
  }
}

async function get(path) {
  return (await fetch(path)).json();
}

function post(path, value) {
  return fetch(path, { method: 'POST', body: JSON.stringify(value) });
}

function median(numbers) {
  numbers.sort((a, b) => a - b);
  return numbers[numbers.length >> 1];
}
