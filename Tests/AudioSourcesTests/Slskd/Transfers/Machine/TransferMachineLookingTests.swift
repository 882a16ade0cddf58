import Contracts
import Foundation
import Testing

@testable import AudioSources

@Suite("The machine of a transfer: what earlier runs left")
struct TransferMachineLookingTests {
    private static let identity = MachineScript.identity()

    @Test("A candidate without a peer is refused before anything is read")
    func noPeer() {
        var script = MachineScript(MachineScript.order { $0.candidate.user = "" })
        #expect(script.play(.started) == [])
        #expect(script.failure == .refused)
    }

    @Test("The file of an earlier run is used, and what is left at slskd is removed")
    func earlierFile() {
        var script = MachineScript()
        #expect(script.play(.started) == [.prepare(Self.identity)])
        #expect(script.play(.prepared(.success(MachineScript.file))) == [.ask(.batch(Self.identity.batchID))])
        let batch = SlskdBatch.sample(Self.identity.batchID, Self.identity.destination, .sample(.completed(.succeeded)))
        let asked = script.play(.fact(.batch(batch.id), .success(.batch(batch))))
        #expect(asked == [.remove(SlskdTransfer.first)])
        #expect(script.play(.removed(.success(true))) == [.clear(Self.identity.destination)])
        #expect(script.result == .acquired(MachineScript.file))
    }

    @Test("The file of an earlier run is used while slskd is unavailable")
    func earlierFileWithoutSlskd() {
        var script = MachineScript()
        script.play(.started, .prepared(.success(MachineScript.file)))
        let error = SlskdError(.unavailable, "no")
        let commands = script.play(.fact(.batch(Self.identity.batchID), .failure(error)))
        #expect(commands == [.log(.staysListed("no")), .clear(Self.identity.destination)])
        #expect(script.result == .acquired(MachineScript.file))
    }

    @Test("A folder that cannot be made fails the run without an order")
    func noFolder() {
        var script = MachineScript()
        #expect(script.play(.started, .prepared(.failure(SourceError(.diskFull, "full")))) == [])
        #expect(script.failure == .diskFull)
    }

    @Test("A list that was requested before is not used")
    func outdatedList() {
        var script = MachineScript()
        #expect(script.play(.started, .prepared(.success(nil)), at: 5) == [.subscribe, .nextUpdate])
        #expect(script.list(.sample(.inProgress), at: 4) == [.nextUpdate])
        #expect(script.state == "looking")
    }

    @Test("The own running transfer is adopted and counts in the limits")
    func adopts() {
        var script = MachineScript.listing()
        let own = SlskdTransfer.sample(.inProgress, bytes: 10)
        let found = FoundTransfer(own, destination: Self.identity.destination)
        #expect(script.list(own, at: 0) == [.forceSlot, .report(.adopted), .follow(found), .nextUpdate])
        #expect(script.state == "following" && script.machine.holdsSlot)
    }

    @Test(
        "Another client's transfer of the file is waited for, or the next candidate is tried", arguments: [false, true])
    func foreign(_ hasAlternatives: Bool) {
        var script = MachineScript.listing(MachineScript.order { $0.hasAlternatives = hasAlternatives })
        #expect(script.list(.sample(.inProgress, batch: nil), at: 0) == [.ask(.version)])
        let version = TransferFact.version(.batches)
        let batch = TransferQuestion.batch(Self.identity.batchID)
        #expect(script.play(.fact(.version, .success(version))) == [.ask(batch)])
        #expect(script.play(.fact(batch, .success(.batch(nil)))) == [])
        if hasAlternatives {
            #expect(script.failure == .inUse)
        } else {
            #expect(script.isThrottled)
        }
    }

    @Test("At a slskd without batches every running transfer of the file counts as the job's")
    func withoutBatches() {
        var script = MachineScript.listing()
        script.list(.sample(.inProgress, batch: nil), at: 0)
        let commands = script.play(.fact(.version, .success(.version(SlskdVersion("0.25.0")))))
        #expect(commands.prefix(2) == [.forceSlot, .report(.adopted)])
    }

    @Test("A running transfer of an earlier round of the job is adopted, and one of another job is not")
    func twins() {
        let batch = UUID()
        for (destination, isOurs) in [("hdm/\(MachineScript.job)/x", true), ("hdm/\(JobID())/x", false)] {
            var script = MachineScript.listing()
            #expect(script.list(.sample(.inProgress, batch: batch), at: 0) == [.ask(.batch(batch))])
            let fact = TransferFact.batch(.sample(batch, destination))
            let commands = script.play(.fact(.batch(batch), .success(fact)))
            #expect(commands.contains(.report(.adopted)) == isOurs)
            #expect(script.state == (isOurs ? "following" : "ended"))
        }
    }

    @Test("Failed transfers of earlier rounds are ended before the file is ordered")
    func failedTwins() {
        let batch = UUID()
        var script = MachineScript.listing()
        #expect(script.list(.sample(.completed(.errored), batch: batch), at: 0) == [.ask(.batch(batch))])
        let fact = TransferFact.batch(.sample(batch, "hdm/\(MachineScript.job)/old"))
        #expect(script.play(.fact(.batch(batch), .success(fact))) == [.remove(SlskdTransfer.first)])
        let commands = script.play(.removed(.success(true)))
        #expect(commands == [.clear("hdm/\(MachineScript.job)/old"), .acquireSlot(within: .seconds(20))])
    }

    @Test("A transfer that failed while no process followed it is ended and ordered again")
    func endedUnseen() {
        var script = MachineScript.listing()
        let failed = SlskdTransfer.sample(.completed(.errored)) { $0.attempts = 3 }
        #expect(script.list(failed, at: 0) == [.forceSlot, .remove(failed.id)])
        let ended = script.play(.removed(.success(true)))
        #expect(ended.suffix(2) == [.releaseSlot, .checkSlskd] && ended.first == .clear(Self.identity.destination))
        #expect(script.play(.checked(.ready)) == [.prepare(MachineScript.identity(1))])
    }

    @Test("An unavailable slskd is no loss while nothing is ordered")
    func unavailable() {
        var script = MachineScript.listing()
        script.listFails(at: 0)
        #expect(script.lost == false)
    }

    @Test("Without a free slot the order is throttled")
    func noSlot() {
        var script = MachineScript.listing()
        script.list(at: 0)
        script.play(.noSlot(limit: 2, isOfPeer: true))
        let wait = JobEvent.Wait(.transferLimit, provider: "slskd", peer: "anna", limit: 2)
        #expect(script.result == .throttled("other transfers have precedence", wait: wait))
    }

    @Test("An event that answers no question changes nothing")
    func unexpected() {
        var script = MachineScript.following()
        #expect(script.play(.slot, .waited, .checked(.silent), .brought(.success(MachineScript.file))) == [])
        #expect(script.state == "following")
    }
}
