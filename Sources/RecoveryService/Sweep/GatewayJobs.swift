import Contracts
import Foundation
import HTTPClient
import ServiceKit

/// The active jobs, from the gateway's internal routes.
struct GatewayJobs: ActiveJobs {
    let client: HTTPClient
    /// The address of the gateway, without a slash at the end.
    let url: String
    let key: ServiceKey

    private static let page = 500

    /// The response of `GET /api/v1/internal/active-jobs`.
    private struct Page: Codable {
        var total: Int
        var held: Int
        var items: [ActiveJob]
        var next: Int64?
    }

    func count() async throws -> Int {
        let page = try await page(after: 0, limit: 1)
        return page.total - page.held
    }

    func quiet(
        since time: Timestamp, limit: Int, where include: @Sendable (ActiveJob) -> Bool
    ) async throws -> [ActiveJob] {
        var jobs: [ActiveJob] = []
        var last: Int64? = 0
        while let number = last {
            let page = try await page(after: number, limit: Self.page)
            jobs += page.items.filter { $0.heldBy == nil && $0.updatedAt < time && include($0) }
            guard jobs.count < limit else { return Array(jobs.prefix(limit)) }
            last = page.next
        }
        return jobs
    }

    func report(_ jobs: [FoundJob]) async throws {
        var request = HTTPRequest(.post, "\(url)/api/v1/internal/known-jobs")
        request.headers["Content-Type"] = "application/json"
        let items = jobs.map(\.json).joined(separator: Data(",".utf8))
        request.body = Data(#"{"items":["#.utf8) + Data(items) + Data("]}".utf8)
        _ = try await send(request)
    }

    private func page(after number: Int64, limit: Int) async throws -> Page {
        let body = try await send(
            HTTPRequest(.get, "\(url)/api/v1/internal/active-jobs?after=\(number)&limit=\(limit)"))
        return try ContractCoding.decode(Page.self, from: body)
    }

    private func send(_ request: HTTPRequest) async throws -> Data {
        var request = request
        request.headers[ServiceKey.header] = key.value
        let response = try await client.send(request)
        guard response.isSuccess else {
            throw APIError(
                .dependencyError, "the gateway returned status \(response.status) at \(url); check HDM_GATEWAY_URL")
        }
        return response.body
    }
}
