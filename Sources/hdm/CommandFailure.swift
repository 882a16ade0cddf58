import AMQP
import ArgumentParser
import AudioSources
import Foundation
import HTTPClient
import ServiceKit

/// The end of a failed command: a sentence on standard error and an exit status.
struct CommandFailure: Error {
    let status: Int32
    let message: String?
    private let original: (any Error)?

    /// - Parameter message: `nil` for an end without a message.
    init(status: Int32, _ message: String?) {
        self.status = status
        self.message = message
        original = nil
    }

    init(_ error: any Error) {
        if let failure = error as? CommandFailure {
            self = failure
            return
        }
        original = error
        switch error {
        case let error as SettingsError:
            (status, message) = (ExitStatus.configuration, "\(error)")
        case let error as AMQPError where error.code == .preconditionFailed:
            (status, message) = (ExitStatus.configuration, Self.otherTopology(error))
        case let error as AMQPError:
            (status, message) = (ExitStatus.unavailable, "\(error)")
        case let error as HTTPClientError:
            (status, message) = (ExitStatus.unavailable, "the gateway does not respond: \(error)")
        case let error as CocoaError where error.filePath != nil:
            (status, message) = (ExitStatus.volume, Self.unusableFile(error))
        case _ where Hdm.exitCode(for: error) == .failure:
            (status, message) = (ExitStatus.software, "\(error)")
        default:
            // The command line is invalid, or requests help: the parser prints the text.
            (status, message) = (ExitStatus.software, nil)
        }
    }

    /// Fails when a line of the output could not be written: the caller must not take half an output for a whole one.
    static func checkOutput() throws(CommandFailure) {
        switch StandardOutput.failure {
        case nil: return
        // The reader has enough, as `head` does. The status is that of a program that SIGPIPE ended.
        case EPIPE: throw CommandFailure(status: 128 + SIGPIPE, nil)
        case let number?:
            let reason = String(cString: strerror(number))
            throw CommandFailure(status: ExitStatus.output, "cannot write to standard output: \(reason)")
        }
    }

    private static func unusableFile(_ error: CocoaError) -> String {
        let reason = (error.underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
        return "\(error.filePath ?? "a file") cannot be used: \(reason ?? error.localizedDescription)"
    }

    private static func otherTopology(_ error: AMQPError) -> String {
        "the broker's topology differs from HDM's: \(error.message). Run `hdm topology upgrade`, which keeps the "
            + "messages; `hdm topology check` lists all differences."
    }

    /// Ends the process.
    func exit() -> Never {
        if let message { StandardError.write("hdm: \(message)\n") }
        guard message == nil, let original else { Foundation.exit(status) }
        Hdm.exit(withError: original)
    }
}
