import Contracts
import Foundation
import TestSupport

// What a person decides during a run.
extension WorkloadDriver {
    /// Does what a person does, until the task is cancelled.
    func decide() async {
        while !Task.isCancelled {
            await decideReviews()
            await requeueDeadLetters()
            await requeueLooped()
            await restartLost()
            try? await Task.sleep(for: .milliseconds(700))
        }
    }

    private func decideReviews() async {
        let page = await client.look("/api/v1/reviews?limit=100")
        for id in Self.items(of: page).compactMap({ $0["job_id"]?.stringValue }) {
            guard let request = requestOfJob[id] else { continue }
            let (verb, body): (String, JSONValue) =
                request.kind == .rejected ? ("reject", [:]) : ("approve", ["candidate": 0])
            let data = try? ContractCoding.encode(body)
            let response = try? await client.stack.request(
                .post, "/api/v1/reviews/\(id)/\(verb)", body: data, timeout: .seconds(5))
            client.journal.record("decided", "job \(id): \(verb) \(response?.status ?? 0)")
        }
    }

    private func requeueDeadLetters() async {
        let page = await client.look("/api/v1/dlq?page_size=100")
        for item in Self.items(of: page) {
            guard let id = item["id"]?.stringValue, let job = item["job_id"]?.stringValue,
                let index = accepted.firstIndex(where: { $0.job == job && $0.requeues < $0.request.requeues })
            else { continue }
            let status = await requeue(id)
            client.journal.record("requeued", "job \(job): \(status)")
            if status == 200 { accepted[index].requeues += 1 }
        }
    }

    /// Requeues the jobs that a service was made to crash with.
    private func requeueLooped() async {
        let page = await client.look("/api/v1/dlq?page_size=100&reason=\(ErrorCode.internalError.rawValue)")
        for item in Self.items(of: page) {
            guard let id = item["id"]?.stringValue, let job = item["job_id"]?.stringValue,
                item["message"]?.stringValue?.hasPrefix("crash_loop") == true
            else { continue }
            let status = await requeue(id)
            client.journal.record("requeued", "job \(job) after crashes: \(status)")
            if status == 200 { looped.append(job) }
        }
    }

    /// - Returns: the status of the response; 0 without one.
    private func requeue(_ id: String) async -> Int {
        let body = try? ContractCoding.encode(["ids": [.string(id)]] as JSONValue)
        let response = try? await client.stack.request(
            .post, "/api/v1/dlq/requeue", body: body, timeout: .seconds(5))
        return response?.status ?? 0
    }

    /// Restarts the jobs whose messages recovery found to be gone.
    private func restartLost() async {
        let page = await client.look("/api/v1/downloads?status=failed&limit=100")
        for item in Self.items(of: page) where item["code"] == .string(ErrorCode.internalError.rawValue) {
            guard let id = item["job_id"]?.stringValue else { continue }
            let response = try? await client.stack.request(
                .post, "/api/v1/downloads/\(id)/retry", timeout: .seconds(5))
            // 409: it has a message, which can be requeued.
            guard let response, response.status != 409 else { continue }
            client.journal.record("restarted", "job \(id): \(response.status)")
            if response.status == 202 { restarted.append(id) }
        }
    }
}
