import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Shows what became of a batch, and what its jobs do now.",
        discussion: """
            With --watch it follows the batch until every job has ended: on a terminal as a picture that changes in its \
            place, elsewhere with one line for each change. It then exits with 0 when every job is completed or a \
            duplicate, and with 1 otherwise.
            """)

    /// Between two looks.
    private static let pause: Duration = .seconds(1)

    @Argument(help: "The batch's id.")
    var batch: String

    @Flag(help: "Follow it to its end.")
    var watch = false

    @Flag(help: "Print the gateway's answer as it is; not with --watch.")
    var json = false

    @OptionGroup var gateway: GatewayOptions

    func validate() throws {
        guard !(watch && json) else { throw ValidationError("give --watch or --json, not both") }
    }

    func run() async throws {
        if json { return try printJSON(try await gateway.request(.get, path)) }
        let report = try await report()
        guard watch else { return StandardOutput.write(BatchText.picture(report, rows: .max, columns: .max)) }
        let last = try await follow(report)
        guard last.batch.isSuccess else {
            throw CommandFailure(status: 1, "not every job of the batch is completed or a duplicate")
        }
    }

    private var path: String { "/api/v1/batches/\(batch.escapedForPath)" }

    /// - Returns: the report of the end.
    private func follow(_ first: BatchReport) async throws -> BatchReport {
        var screen = BatchScreen(TerminalSize.ofStandardOutput)
        var report = first
        screen.show(report)
        while !report.batch.hasEnded {
            try await Task.sleep(for: Self.pause)
            do {
                report = try await self.report()
                screen.show(report)
            } catch let error as HTTPClientError {
                // The gateway may be restarting; the batch goes on without it.
                screen.complain("the gateway does not answer, trying again: \(error)")
            }
        }
        screen.end()
        return report
    }

    private func report() async throws -> BatchReport {
        let batch = try await gateway.request(.get, path)
        let query = "?batch_id=\(self.batch.escapedForPath)&status=running&limit=100"
        let jobs = try await gateway.request(.get, "/api/v1/downloads" + query)
        return BatchReport(batch: try batch.read(), jobs: try (jobs["items"] ?? []).read(), at: .now)
    }
}

extension JSONValue {
    fileprivate func read<Value: Decodable>() throws -> Value {
        try ContractCoding.decode(Value.self, from: try ContractCoding.encode(self))
    }
}
