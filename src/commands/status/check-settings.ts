import type { Finding } from '../../platform/problems/finding.js';
import { normalTrackingUri } from '../../settings/files/tracking-uri.js';
import { countUnreadTags } from '../../settings/run-context.js';
import { slowPatternFindings } from '../../settings/slow-pattern-findings.js';
import type { StatusContext } from './status-context.js';

/** Which tracing config counts here, why, and what it keeps private. */
export function checkSettings({ settings: result, io }: StatusContext): Finding[] {
  switch (result.kind) {
    case 'disabled':
      return [{ code: 'tracing-disabled', level: 'warning', args: { by: result.by } }];
    case 'broken': {
      const { file, message, hint = '' } = result;
      return [{ code: 'tracing-config-broken', level: 'error', args: { file, message, hint } }];
    }
    case 'untraced':
      return [
        ...result.warnings,
        { code: `untraced-${result.reason}`, level: 'warning', args: { folder: io.cwd } },
      ];
    case 'settings': {
      const { settings } = result;
      const { sources, content, redact, redactPii, maxContentBytes, traceLocation } = settings;
      const where: Finding = {
        code: 'settings',
        level: 'ok',
        args: {
          uri: normalTrackingUri(settings.trackingUri),
          uriSource: sources.trackingUri,
          experiment: settings.experimentName ?? settings.experimentId,
          experimentSource: sources.experimentId,
          ...(traceLocation === undefined ? {} : { traceLocation }),
        },
      };
      const patterns = settings.redactPatterns.length;
      const privacy: Finding = {
        code: 'privacy',
        level: 'info',
        args: { content, redact, redactPii, patterns, maxContentBytes },
      };
      const system: Finding[] = settings.system
        ? [{ code: 'system-file', level: 'info', args: settings.system }]
        : [];
      const unread = countUnreadTags(io.env);
      const tags: Finding[] =
        unread === 0 ? [] : [{ code: 'tags-unread', level: 'warning', args: { parts: unread } }];
      return [where, ...system, privacy, ...slowPatternFindings(settings), ...tags, ...settings.warnings];
    }
  }
}
