import { describe, expect, it } from '@jest/globals';
import { parseIni } from '../../src/platform/files/ini.js';

describe('parseIni', () => {
  it('reads what Python’s configparser reads', () => {
    const text =
      '\uFEFF# note\r\nstray = 1\r\n[mlflow]\r\nMLFLOW_Tracking_Username : ada\r\n; note\r\nmlflow_tracking_password = p=a:s%s#1 \r\n\r\n[ other ]\nkey=\n[mlflow]\nmore = x\nno value\n';
    const sections = parseIni(text);
    expect([...sections.keys()]).toEqual(['mlflow', ' other ']);
    expect(Object.fromEntries(sections.get('mlflow') ?? [])).toEqual({
      mlflow_tracking_username: 'ada',
      mlflow_tracking_password: 'p=a:s%s#1',
      more: 'x',
    });
    expect(Object.fromEntries(sections.get(' other ') ?? [])).toEqual({ key: '' });
  });
});
