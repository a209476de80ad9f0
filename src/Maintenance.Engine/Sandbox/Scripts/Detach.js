// Starts a Node program in a session of its own, so that Ctrl+C in the terminal does not reach it.
// Arguments: log file, process id file, then what Node is to run.
const fs = require('fs');
const [logFile, processIdFile, ...argv] = process.argv.slice(1);
const log = fs.openSync(logFile, 'w');
const child = require('child_process').spawn(process.execPath, argv, {
  detached: true, windowsHide: true, stdio: ['ignore', log, log],
});
child.on('error', error => { console.error(error.message); process.exitCode = 1; });
if (child.pid) { fs.writeFileSync(processIdFile, `${child.pid}\n`); }
child.unref();
