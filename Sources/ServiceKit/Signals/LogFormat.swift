/// The format of log lines.
public enum LogFormat: String, CaseIterable, Sendable { case json, text }
