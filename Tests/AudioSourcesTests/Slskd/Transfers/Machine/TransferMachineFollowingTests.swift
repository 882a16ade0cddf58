import Contracts
import Foundation
import Testing

@testable import AudioSources

@Suite("The machine of a transfer: following")
struct TransferMachineFollowingTests {
    private static let identity = MachineScript.identity()
    private static let first = SlskdTransfer.first
    private static let ending: [TransferCommand] = [.remove(first)]
    private static let alternatives = MachineScript.order { $0.hasAlternatives = true }

    @Test("Progress and the place in a queue are reported, and the place is requested once")
    func reports() {
        var script = MachineScript.following()
        let queued = SlskdTransfer.sample(.queuedRemotely) { $0.placeInQueue = 7 }
        #expect(script.list(queued, at: 1) == [.report(.queued(place: 7)), .requestPlace(Self.first)])
        #expect(script.play(.placeRequested(false)) == [.nextUpdate])
        #expect(script.list(queued, at: 2).last == .requestPlace(Self.first))
        #expect(script.play(.placeRequested(true)) == [.nextUpdate])
        #expect(script.list(queued, at: 3) == [.report(.queued(place: 7)), .nextUpdate])
        let progress = TransferProgress(transferred: 10, total: 1000)
        #expect(script.list(.sample(.inProgress, bytes: 10), at: 4) == [.report(.progress(progress)), .nextUpdate])
    }

    @Test("A queued transfer is pending after a short stay, and nothing is ended")
    func pending() {
        var script = MachineScript.following(MachineScript.order { $0.stay = .seconds(30) })
        for second in 1...30 { script.list(.sample(.queuedRemotely), at: Double(second)) }
        script.play(.placeRequested(true))
        #expect(script.list(.sample(.queuedRemotely), at: 32) == [.report(.queued(place: nil))])
        let wait = JobEvent.Wait(.peerQueue, provider: "slskd", peer: "anna")
        #expect(script.result == .pending("the transfer is in the peer's queue", wait: wait))
    }

    @Test("A transfer that is still queued at a later delivery is pending as soon as its place is known")
    func pendingAgain() {
        let order = MachineScript.order { $0.since = MachineScript.time + .seconds(-60) }
        var script = MachineScript.listing(order)
        let transfer = SlskdTransfer.queued(since: MachineScript.time + .seconds(-60))
        script.list(transfer, at: 0.5)
        #expect(script.list(transfer, at: 1).last == .requestPlace(Self.first))
        script.play(.placeRequested(true))
        script.list(.sample(.queuedRemotely) { $0.placeInQueue = 7 }, at: 1.5)
        let wait = JobEvent.Wait(.peerQueue, provider: "slskd", peer: "anna", place: 7)
        #expect(script.result == .pending("the transfer is in the peer's queue, at place 7", wait: wait))
    }

    @Test("The time in queues counts over all deliveries, and the candidate fails when it is used up")
    func queuedTooLong() {
        let order = MachineScript.order {
            ($0.hasAlternatives, $0.since) = (true, MachineScript.time + .seconds(-119))
        }
        var script = MachineScript.listing(order)
        let transfer = SlskdTransfer.queued(since: MachineScript.time + .seconds(-119))
        script.list(transfer, at: 0.5)
        script.list(transfer, at: 1)
        script.play(.placeRequested(true))
        #expect(script.list(transfer, at: 2).last == .checkSlskd)
        var unavailable = script
        unavailable.play(.checked(.silent))
        #expect(unavailable.lost == false)
        #expect(script.play(.checked(.ready)) == Self.ending)
        #expect(script.play(.removed(.success(true))) == [.clear(Self.identity.destination)])
        #expect(script.failure == .timedOut)
    }

    @Test("The time in which the job waited for slskd is no time in queues: the transfer has it since its order")
    func orderedLate() {
        let order = MachineScript.order {
            ($0.hasAlternatives, $0.since) = (true, MachineScript.time + .seconds(-3600))
        }
        var script = MachineScript.listing(order)
        script.list(.queued(since: MachineScript.time + .seconds(-1)), at: 0.5)
        script.list(.queued(since: MachineScript.time + .seconds(-1)), at: 4)
        #expect(script.state == "following")
    }

    @Test("The time in which bytes arrived is no time in queues: a transfer of five hours may be queued again")
    func longTransfer() {
        let order = MachineScript.order {
            ($0.hasAlternatives, $0.since) = (true, MachineScript.time + .seconds(-5 * 3600))
        }
        var script = MachineScript.listing(order)
        script.list(.sample(.inProgress, bytes: 900), at: 0)
        script.list(.sample(.queuedLocally, bytes: 900), at: 1)
        script.list(.sample(.queuedLocally, bytes: 900), at: 5)
        #expect(script.state == "following")
        var queued = MachineScript.listing(order)
        queued.list(
            .sample(.queuedRemotely, bytes: 900) { transfer in
                transfer.requestedAt = MachineScript.time + .seconds(-5 * 3600)
                transfer.endedAt = MachineScript.time + .seconds(-200)
            }, at: 0)
        #expect(queued.list(.sample(.queuedRemotely, bytes: 900), at: 1).last == .checkSlskd)
    }

    @Test("A stalled transfer fails its candidate, unless slskd is unavailable")
    func stalls() {
        for condition in [SlskdCondition.ready, .notLoggedIn] {
            var script = MachineScript.following()
            script.list(.sample(.inProgress, bytes: 5), at: 1)
            for second in stride(from: 5, through: 30, by: 5) {
                script.list(.sample(.inProgress, bytes: 5), at: Double(second))
            }
            #expect(script.list(.sample(.inProgress, bytes: 5), at: 32).suffix(2) == [.report(.stalled), .checkSlskd])
            script.play(.checked(condition), .removed(.success(true)))
            #expect(script.failure == (condition == .ready ? .timedOut : nil))
            #expect(script.lost == (condition == .ready ? nil : true))
        }
    }

    @Test("slskd's own next attempt is waited for, and the failure of the last one fails the candidate")
    func retries() {
        var script = MachineScript.following()
        #expect(script.list(.sample(.completed(.errored)), at: 1) == [.nextUpdate])
        script.list(.sample(.queuedLocally) { $0.attempts = 2 }, at: 2)
        #expect(script.state == "following")
        #expect(script.list(.sample(.completed(.errored)) { $0.attempts = 3 }, at: 3) == [.checkSlskd])
    }

    @Test("A rejected transfer fails its candidate without a check of slskd")
    func rejected() {
        var script = MachineScript.following()
        #expect(script.list(.sample(.completed(.rejected)) { $0.exception = "Banned" }, at: 1) == Self.ending)
        script.play(.removed(.success(false)))
        #expect(script.failure == .refused)
    }

    @Test("A transfer that cannot be ended leaves its candidate unjudged")
    func cannotEnd() {
        var script = MachineScript.following()
        script.list(.sample(.completed(.rejected)), at: 1)
        script.play(.removed(.failure(SlskdError(.unavailable, "no"))))
        #expect(script.lost == false)
    }

    @Test("While slskd does not respond, the transfer is followed for the absence that the settings allow")
    func absence() {
        var script = MachineScript.following()
        #expect(script.listFails(at: 1) == [.nextUpdate])
        #expect(script.listFails(at: 20) == [.nextUpdate])
        var back = script
        #expect(script.listFails(at: 22) == [])
        #expect(script.lost == false)
        back.list(.sample(.inProgress, bytes: 1), at: 22)
        #expect(back.listFails(at: 23) == [.nextUpdate])
        var refused = MachineScript.following()
        #expect(refused.listFails(.unauthorised, at: 1) == [])
    }

    @Test("A transfer that is missing in two lists is looked up")
    func missing() {
        var script = MachineScript.following()
        #expect(script.list(at: 1) == [.nextUpdate])
        #expect(script.list(at: 2) == [.readRecord(Self.first)])
        let found = FoundTransfer(.sample(.queuedRemotely), destination: Self.identity.destination)
        var gone = script
        #expect(gone.play(.record(.success(nil))) == [.findFile(found, usesEvents: false)])
        var placed = gone
        #expect(gone.play(.file(.success(nil))).last == .checkSlskd)
        #expect(placed.play(.file(.success("/d/a"))) == [.bring("/d/a", Self.identity)])
        var removed = script
        #expect(removed.play(.record(.success(.sample(.inProgress)))) == Self.ending)
        var done = script
        #expect(done.play(.record(.success(.sample(.completed(.succeeded))))).count == 1)
        #expect(done.state == "collecting")
        script.play(.record(.failure(SlskdError(.unavailable, "no"))))
        #expect(script.lost == false)
    }

    @Test("After a restart of slskd the transfer that it resumed is followed")
    func resumed() {
        var script = MachineScript.following()
        #expect(script.list(.cutOff, at: 1) == [.nextUpdate])
        #expect(script.state == "restarted")
        let next = SlskdTransfer.sample(.queuedLocally, id: SlskdTransfer.second, batch: nil)
        let commands = script.list(.cutOff, next, at: 2)
        #expect(commands == [.follow(FoundTransfer(next, destination: nil)), .nextUpdate])
        #expect(script.state == "following")
    }

    @Test("A transfer that slskd does not resume is ended and ordered again")
    func notResumed() {
        var script = MachineScript.following()
        script.list(.cutOff, at: 1)
        #expect(script.list(.cutOff, at: 22) == [.checkSlskd])
        var away = script
        away.play(.checked(.notLoggedIn))
        #expect(away.lost == false)
        #expect(script.play(.checked(.ready)) == Self.ending)
        let lost = script.play(.removed(.success(true)))
        #expect(lost.prefix(2) == [.clear(Self.identity.destination), .follow(nil)] && lost.last == .checkSlskd)
        #expect(script.play(.checked(.ready)) == [.prepare(MachineScript.identity(1))])
    }

    @Test("A transfer that slskd resumed and completed between two polls is used")
    func heir() {
        var script = MachineScript.following()
        let heir = SlskdTransfer.sample(.completed(.succeeded), id: SlskdTransfer.second, batch: nil) {
            $0.requestedAt = MachineScript.time + .seconds(5)
        }
        script.list(heir, at: 1)
        script.list(heir, at: 2)
        let found = FoundTransfer(heir, destination: nil)
        let commands = script.play(.record(.success(.cutOff)))
        #expect(commands == [.follow(found), .findFile(found, usesEvents: true)])
    }
}

extension SlskdTransfer {
    fileprivate static func queued(since time: Timestamp) -> SlskdTransfer {
        sample(.queuedRemotely) { $0.requestedAt = time }
    }
}
