import Contracts
import Foundation
import Logging
import ServiceKit
import Synchronization

/// The lines that a service logged.
final class RecordedLog: Sendable {
    private let lines = Mutex<[JSONValue]>([])

    var logger: Logger {
        Logger(label: "test") { [self] _ in
            LineLogHandler(service: "gateway", level: .info, format: .json) { line in
                guard let value = try? ContractCoding.decode(JSONValue.self, from: Data(line.utf8)) else { return }
                self.lines.withLock { $0.append(value) }
            }
        }
    }

    /// The messages, in order.
    var messages: [String] { lines.withLock { $0.compactMap { $0["message"]?.stringValue } } }

    /// The jobs of the lines about an event, in order.
    func jobs(_ event: LogEventName) -> [String] {
        lines.withLock { lines in
            lines.filter { $0["event"] == .string(event.rawValue) }.compactMap { $0[LogKey.jobID]?.stringValue }
        }
    }
}
