import ArgumentParser
import Contracts
import Foundation
import HTTPClient
import ServiceKit

struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Shows the results of a batch, and what its jobs are doing.",
        discussion: """
            With --watch, the output is updated until every job has ended: on a terminal in place, elsewhere with one line \
            for each change. The command then exits with 0 if every job is completed or a duplicate, and with 1 otherwise.
            """)

    private static let pollInterval: Duration = .seconds(1)

    @Argument(help: "The batch's id.")
    var batch: String

    @Flag(help: "Update the output until the batch has ended.")
    var watch = false

    @Flag(help: "Print the gateway's response as JSON; not with --watch.")
    var json = false

    @OptionGroup var gateway: GatewayOptions

    func validate() throws {
        guard !(watch && json) else { throw ValidationError("give --watch or --json, not both") }
    }

    func run() async throws {
        if json { return try printJSON(try await gateway.request(.get, path)) }
        let report = try await report()
        guard watch else { return StandardOutput.write(BatchText.text(report, rows: .max, columns: .max)) }
        let last = try await follow(report)
        guard last.batch.isSuccess else {
            throw CommandFailure(status: 1, "not every job of the batch is completed or a duplicate")
        }
    }

    private var path: String { "/api/v1/batches/\(batch.escapedForPath)" }

    /// - Returns: the last report.
    private func follow(_ first: BatchReport) async throws -> BatchReport {
        var screen = BatchScreen(TerminalSize.ofStandardOutput)
        var report = first
        screen.show(report)
        while !report.batch.hasEnded {
            try await Task.sleep(for: Self.pollInterval)
            // Nobody reads the output any more.
            try CommandFailure.checkOutput()
            do {
                report = try await self.report()
                screen.show(report)
            } catch let error as HTTPClientError {
                // The gateway may be restarting; the jobs continue without it.
                screen.warn("the gateway does not respond, trying again: \(error)")
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
