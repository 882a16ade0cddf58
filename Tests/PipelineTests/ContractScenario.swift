import Contracts
import Fakes
import Foundation
import TestSupport

/// Everything that clients, other services and an operator do in one run.
struct ContractScenario: Sendable {
    let client: ContractClient
    let stack: ServiceStack
    let spies: ContractSpies
    let collection: Collection
    let accounts: FakeSpotifyAccounts

    static let batch = "contract-batch"
    static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let directJob = "contract-direct"
    /// A path that no service serves.
    static let strayPath = "/api/v1/nothing"
    /// `no_match`, not audio, expired, a file that is gone, and three documents that violate the contract.
    static let deadLetters = 7
    /// One of them again after a requeue, one again after a restart, and a job whose second search found nothing.
    static let laterDeadLetters = 3

    /// Fills the source folder with three tracks and a file that is not audio.
    init(_ stack: ServiceStack, _ spies: ContractSpies, _ accounts: FakeSpotifyAccounts) throws {
        self.accounts = accounts
        self.stack = stack
        self.spies = spies
        client = ContractClient(stack, key: ContractRun.apiKey)
        collection = try Collection(count: 3, in: stack.source)
        try Data("a shopping list\n".utf8).write(to: stack.source.appending(path: "The Forgers - Not A Song.mp3"))
    }

    /// Runs all steps.
    /// - Returns: The link messages for the planner.
    func run() async throws -> [BrokerMessage] {
        try await submit()
        try await submitAgain()
        try await submitInvalid()
        try await publishAsClient()
        try await read()
        try await operate()
        try await review()
        try await banPeers()
        let links = try await requestWithoutPlanner()
        try await requestLists()
        try await signIn()
        try await pauseStage()
        try await callServices()
        try await sendRejected()
        try await checkHealth()
        try await removeDependencies()
        return links
    }
}

// MARK: - Health

extension ContractScenario {
    private static let deadList = "/api/v1/dlq"
    private static let requeue = "/api/v1/dlq/requeue"
    private static let purge = "/api/v1/dlq/purge"
    private static let peers = "/api/v1/peers"
    private static let ban = "/api/v1/peers/ban"
    private static let unban = "/api/v1/peers/unban"

    func checkHealth() async throws {
        for service in ServiceName.allCases {
            for path in ["/live", "/ready", "/metrics", Self.strayPath] {
                try await client.send("get", path, at: service)
            }
        }
        try await client.send("get", "/api/health/live")
        try await client.send("get", "/api/health/ready")
        try await client.send("get", "/api/health/ready", query: "?verbose=1")
    }

    /// Removes the downloads volume for a while, then stops recovery and download.
    func removeDependencies() async throws {
        let away = stack.folder.file("unmounted")
        try FileManager.default.moveItem(at: stack.downloads, to: away)
        for service in [ServiceName.gateway, .download, .move] {
            try await eventually("\(service) misses its volume", timeout: .seconds(30)) {
                try await client.poll("get", "/ready", at: service).status == 503
            }
            try await client.send("get", "/ready", at: service)
        }
        try await client.send("get", "/api/health/ready", query: "?verbose=1")
        try FileManager.default.moveItem(at: away, to: stack.downloads)
        try await stack.waitUntilReady()
        _ = try await stack.stop(.recovery)
        for path in [Self.deadList, "/api/v1/dlq/stats"] { try await client.send("get", path) }
        for path in [Self.requeue, Self.purge] { try await act(path, ["any"]) }
        _ = try await stack.stop(.download)
        try await client.send("get", Self.peers)
        for path in [Self.ban, Self.unban] { try await client.send("post", path, body: #"{"user":"late"}"#) }
    }
}
