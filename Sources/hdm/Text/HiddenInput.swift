import ArgumentParser
import Foundation
import ServiceKit

/// Reads input that must not be displayed.
enum HiddenInput {
    /// Reads a line, without echo if the input is a terminal. White space at its ends is removed, as pasting can add it.
    /// - Throws: `ValidationError` when the line is empty.
    static func read(_ prompt: String) throws -> String {
        let isTerminal = isatty(STDIN_FILENO) == 1
        if isTerminal { StandardError.write(prompt) }
        let line = isTerminal ? withoutEcho { readLine() } : readLine()
        if isTerminal { StandardError.write("\n") }
        let value = (line ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard !value.isEmpty else { throw ValidationError("no value was given") }
        return value
    }

    private static func withoutEcho(_ read: () -> String?) -> String? {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return read() }
        var hidden = before
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
        return read()
    }
}
