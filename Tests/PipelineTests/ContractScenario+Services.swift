import Contracts
import Foundation
import TestSupport

// Routes for services, requests without permission, and requests while the planner is stopped.
extension ContractScenario {
    private static let library = "/api/v1/library"
    private static let metadata = "/api/v1/library/metadata"
    private static let unmatched = "/api/v1/internal/unmatched-jobs"
    private static let activeJobs = "/api/v1/internal/active-jobs"
    private static let knownJobs = "/api/v1/internal/known-jobs"
    private static let control = "/api/v1/control"
    private static let handover = "/api/v1/internal/handover/{table}"
    private static let handoverComplete = "/api/v1/internal/handover/complete"
    private static let plannerPaths = [
        "/api/v1/spotify", "/spotify", "/api/v1/oauth", "/api/v1/settings/secrets", "/api/v1/watchlist",
        "/api/v1/expansions", "/callback",
    ]

    /// Sends requests to every route of the planner while it is stopped, and submits a link.
    /// - Returns: The link messages that wait in the planner's queue.
    func requestWithoutPlanner() async throws -> [BrokerMessage] {
        _ = try await stack.stop(.planner)
        for operation in try await ContractOperation.all() where Self.plannerPaths.contains(where: operation.isBelow) {
            try await client.send(operation.method, operation.path, "unknown", body: operation.body)
        }
        let body = #"{"links":["spotify:playlist:37i9dQZF1DX4JAvHpjipBk"]}"#
        try await client.send("post", "/api/v1/imports/free", body: body)
        let links = try await eventually("the link is in the planner's queue", timeout: .seconds(30)) {
            let messages = try await spies.vhost.peek(QueueName.planner)
            return messages.isEmpty ? nil : messages
        }
        try await stack.start([.planner])
        try await stack.waitUntilReady([.planner])
        return links
    }

    /// Sends the requests that services send to each other.
    func callServices() async throws {
        let page = try await client.send("get", Self.library, at: .move)
        try await client.send("get", Self.library, query: "?limit=0", at: .move)
        let file = page.json?["items"]?.elements.first
        let item: JSONValue = [
            "path": file?["path"] ?? "", "sha256": file?["sha256"] ?? "", "track": ["artist": "A", "title": "T"],
        ]
        let body = String(decoding: try ContractCoding.encode(["items": [item]] as JSONValue), as: UTF8.self)
        try await client.send("post", Self.metadata, body: body, at: .move)
        try await client.send("post", Self.metadata, body: "{}", at: .move)
        try await client.send("post", Self.metadata, body: String(repeating: " ", count: 2 << 20), at: .move)
        try await client.send("get", Self.unmatched)
        try await client.send("get", Self.unmatched, query: "?limit=0")
        try await takeStock()
        try await client.send("get", Self.handover, "watchlist")
        try await client.send("get", Self.handover, "watchlist", query: "?limit=0")
        try await client.send("get", Self.handover, "unknown")
        try await client.send("post", Self.handoverComplete)
    }

    /// Sends the requests with which recovery compares the gateway's jobs with the queues.
    private func takeStock() async throws {
        try await client.send("get", Self.activeJobs)
        try await client.send("get", Self.activeJobs, query: "?limit=0")
        let job = JobDocument(track: Track(artist: "The Vanished", title: "Found Again"))
        let found: JSONValue = ["items": [["job": try JSONValue(encoding: job), "stage": "match", "hop": 2]]]
        try await client.send("post", Self.knownJobs, body: try text(of: found))
        try await client.send("post", Self.knownJobs, body: "{}")
        try await client.send("post", Self.knownJobs, body: String(repeating: " ", count: 9 << 20))
    }

    /// Pauses a stage for a moment.
    func pauseStage() async throws {
        for verb in ["pause", "resume"] {
            try await client.send("post", "\(Self.control)/{stage}/\(verb)", "tag")
            try await client.send("get", Self.control)
            try await client.send("post", "\(Self.control)/{stage}/\(verb)", "unknown")
        }
    }

    /// Sends requests with a wrong key, and writes with the `Origin` of another site.
    func sendRejected() async throws {
        let wrong = ["X-API-Key": "wrong", "X-HDM-Service-Key": "wrong"]
        for operation in try await ContractOperation.all() {
            let service: ServiceName = operation.isBelow(Self.library) ? .move : .gateway
            for (status, headers) in [("401", wrong), ("403", ["Origin": "https://elsewhere.example"])]
            where operation.statuses.contains(status) {
                try await client.send(
                    operation.method, operation.path, "unknown", body: operation.body, headers: headers, at: service)
            }
        }
    }
}

/// An operation of `contracts/openapi.yaml`.
struct ContractOperation: Sendable {
    let method: String
    let path: String
    /// The declared statuses.
    let statuses: Set<String>

    /// An empty object for methods that send a body.
    var body: String? { ["post", "patch", "put"].contains(method) ? "{}" : nil }

    static func all() async throws -> [ContractOperation] {
        let document = try await JSONSchemaCheck.yaml("contracts/openapi.yaml")
        return (document["paths"]?.members ?? [:]).flatMap { path, operations in
            operations.members.map { method, operation in
                ContractOperation(
                    method: method, path: path, statuses: Set((operation["responses"]?.members ?? [:]).keys))
            }
        }
    }

    /// Whether the path is another one or continues it with a slash.
    func isBelow(_ other: String) -> Bool { path == other || path.hasPrefix(other + "/") }
}
