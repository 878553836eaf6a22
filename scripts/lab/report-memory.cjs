// Preloaded by the soak test: the most memory a process has held, in MB, written down as it exits.
const { writeFileSync } = require('node:fs');
process.on('exit', () => {
  writeFileSync(process.env.MEMORY_REPORT, String(process.resourceUsage().maxRSS / 1024));
});
