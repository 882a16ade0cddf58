import AMQP
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct DeclarationTests {
    private let exchange = Declaration.exchange("e", type: "topic", arguments: ["alternate-exchange": "other"])
    private let queue = Declaration.queue("q", arguments: ["x-max-priority": 9])

    @Test func `a missing exchange or queue is reported as missing and not created`() async throws {
        try await withConnection { connection, _ in
            for declaration in [exchange, queue] {
                for _ in 0..<2 {
                    let comparison = try await connection.compare(declaration)
                    #expect(comparison == .missing)
                }
            }
        }
    }

    @Test func `a declared topology compares as declared`() async throws {
        try await withConnection { connection, _ in
            let binding = Declaration.binding(queue: "q", exchange: "e", routingKey: "*.match.#")
            let all = [exchange, queue, binding]
            try await connection.declare(all)
            try await connection.declare(all)
            for declaration in all {
                let comparison = try await connection.compare(declaration)
                #expect(comparison == .asDeclared)
            }
            try await connection.publish(Message(body: Data()), to: "e", key: "job.match.hi")
            #expect(try await connection.status(of: "q").ready == 1)
        }
    }

    @Test(arguments: [
        (Declaration.queue("q", arguments: ["x-max-priority": 5]), "x-max-priority"),
        (.queue("q"), "x-max-priority"),
        (.exchange("e", type: "topic"), "alternate-exchange"),
        (.exchange("e", type: "fanout", arguments: ["alternate-exchange": "other"]), "type"),
    ])
    func `a different argument is named in the comparison and refused by a declaration`(
        declaration: Declaration, argument: String
    ) async throws {
        try await withConnection { connection, _ in
            try await connection.declare([exchange, queue])
            guard case .different(let text) = try await connection.compare(declaration) else {
                Issue.record("the comparison found no difference")
                return
            }
            #expect(text.contains(argument))
            #expect(await errorCode { try await connection.declare([declaration]) } == .preconditionFailed)
            #expect(try await connection.compare(queue) == .asDeclared)
        }
    }

    @Test func `a purge deletes the ready messages and returns their number`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send(["1", "2", "3"], to: "q")
            let held = try await connection.subscribe(to: "q", prefetch: 1).read(1)[0]
            #expect(try await connection.purgeQueue("q") == 2)
            held.nack(requeue: true)
            try await connection.flush()
            #expect(try await connection.status(of: "q").consumers == 1)
        }
    }

    @Test func `the status of a missing queue fails with notFound`() async throws {
        try await withConnection { connection, _ in
            for _ in 0..<3 { #expect(await errorCode { _ = try await connection.status(of: "none") } == .notFound) }
            #expect(connection.status.isUsable)
        }
    }
}
