import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.exceptions.PreconditionFailedException;
import com.unboundid.scim2.common.exceptions.ResourceConflictException;
import com.unboundid.scim2.common.exceptions.ResourceNotFoundException;
import com.unboundid.scim2.common.exceptions.ScimException;
import com.unboundid.scim2.common.filters.Filter;
import com.unboundid.scim2.common.messages.ListResponse;
import com.unboundid.scim2.common.types.Email;
import com.unboundid.scim2.common.types.EnterpriseUserExtension;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Manager;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.Name;
import com.unboundid.scim2.common.types.PhoneNumber;
import com.unboundid.scim2.common.types.UserResource;
import jakarta.ws.rs.client.Client;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.glassfish.jersey.apache.connector.ApacheConnectorProvider;
import org.glassfish.jersey.client.ClientConfig;
import org.glassfish.jersey.client.ClientProperties;
import org.glassfish.jersey.client.RequestEntityProcessing;

/** Main BASE TOKEN [chunked]: a user's and a group's life, end to end; 1 and a message at the first surprise. */
public final class Main {
    private static final String URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    private static int steps;

    private static void expect(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
        steps++;
    }

    private static void same(Object wanted, Object got, String what) {
        expect(wanted.equals(got), what + ": expected " + wanted + ", got " + got);
    }

    private interface Call {
        void run() throws ScimException;
    }

    private static void refused(Class<? extends ScimException> kind, int status, Call call, String what) {
        try {
            call.run();
        } catch (ScimException problem) {
            expect(kind.isInstance(problem), what + ": refused with " + problem);
            same(status, problem.getScimError().getStatus(), what);
            expect(problem.getScimError().getDetail() != null, what + ": no detail");
            return;
        }
        throw new AssertionError(what + ": was not refused");
    }

    private static UserResource person(String name) {
        UserResource user = new UserResource();
        user.setUserName(name);
        user.setExternalId("x-" + name);
        user.setDisplayName("Åsa " + name);
        user.setActive(true);
        user.setName(new Name().setGivenName("Åsa").setFamilyName("Berg"));
        user.setEmails(new Email().setValue(name + "@example.com").setType("work").setPrimary(true));
        return user;
    }

    private static String unique() {
        return "j" + UUID.randomUUID().toString().substring(0, 13);
    }

    private static void discovery(ScimService scim) throws ScimException {
        var config = scim.getServiceProviderConfig();
        expect(config.getPatch().isSupported(), "PATCH is announced");
        expect(config.getFilter().isSupported() && config.getFilter().getMaxResults() > 0, "filters are announced");
        expect(config.getEtag().isSupported(), "versions are announced");
        List<String> types = new ArrayList<>();
        scim.getResourceTypes().forEach(type -> types.add(type.getName()));
        expect(types.contains("User") && types.contains("Group"), "resource types " + types);
        List<String> schemas = new ArrayList<>();
        scim.getSchemas().forEach(schema -> schemas.add(schema.getId()));
        expect(schemas.contains(URN), "schemas " + schemas);
        same(URN, scim.getSchema(URN).getId(), "one schema");
    }

    private static void users(ScimService scim) throws ScimException {
        String name = unique();
        UserResource boss = scim.create("Users", person(unique()));
        UserResource created = scim.create("Users", person(name));
        same(name, created.getUserName(), "user name");
        same("Åsa", created.getName().getGivenName(), "given name");
        expect(created.getMeta().getLocation().toString().endsWith("/Users/" + created.getId()), "location");
        expect(created.getMeta().getCreated() != null && created.getMeta().getVersion() != null, "meta");

        UserResource read = scim.retrieve("Users", created.getId(), UserResource.class);
        same(created, read, "what is read is what was answered");
        same(read, scim.retrieve(read), "by location");
        refused(ResourceConflictException.class, 409, () -> scim.create("Users", person(name.toUpperCase())), "the same name");

        for (Filter filter : List.of(Filter.eq("userName", name), Filter.eq("externalId", "x-" + name),
                Filter.and(Filter.sw("displayName", "Åsa " + name), Filter.eq("active", true)),
                Filter.hasComplexValue("emails", Filter.and(Filter.eq("type", "work"), Filter.eq("value", name + "@example.com"))))) {
            ListResponse<UserResource> found = scim.searchRequest("Users").filter(filter).invoke(UserResource.class);
            same(1, found.getTotalResults(), filter + "");
            same(created.getId(), found.getResources().get(0).getId(), filter + "");
            found = scim.searchRequest("Users").filter(filter).invokePost(UserResource.class);
            same(1, found.getTotalResults(), "by .search " + filter);
        }
        ListResponse<UserResource> page = scim.searchRequest("Users").page(1, 1).sort("userName", null).attributes("userName")
                .invoke(UserResource.class);
        same(1, page.getItemsPerPage(), "a page of one");
        expect(page.getTotalResults() >= 2 && page.getResources().get(0).getName() == null, "only what was asked for");

        UserResource changed = scim.modifyRequest("Users", created.getId())
                .replaceValue("title", "Nurse")
                .replaceValue("name.familyName", "Berg-Ås")
                .addValues("phoneNumbers", new PhoneNumber().setType("mobile").setValue("+47 123"))
                .replaceValue(URN + ":department", "Ward 5")
                .invoke(UserResource.class);
        same("Nurse", changed.getTitle(), "title");
        same("Berg-Ås", changed.getName().getFamilyName(), "family name");
        same("+47 123", changed.getPhoneNumbers().get(0).getValue(), "phone");
        same("Ward 5", changed.getExtension(EnterpriseUserExtension.class).getDepartment(), "department");

        UserResource stale = created;
        stale.setTitle("Cook");
        refused(PreconditionFailedException.class, 412,
                () -> scim.replaceRequest(stale).ifMatch().invoke(), "a stale version");

        changed.setTitle(null);
        EnterpriseUserExtension work = changed.getExtension(EnterpriseUserExtension.class);
        work.setManager(new Manager().setValue(boss.getId()));
        changed.setExtension(work);
        UserResource replaced = scim.replaceRequest(changed).ifMatch().invoke();
        expect(replaced.getTitle() == null, "a title left out of a PUT is gone");
        same(boss.getId(), replaced.getExtension(EnterpriseUserExtension.class).getManager().getValue(), "manager");
        same(boss.getDisplayName(), replaced.getExtension(EnterpriseUserExtension.class).getManager().getDisplayName(), "manager's name");

        UserResource off = scim.modifyRequest("Users", created.getId()).replaceValue("active", false).invoke(UserResource.class);
        same(false, off.getActive(), "active");
        scim.delete("Users", created.getId());
        refused(ResourceNotFoundException.class, 404, () -> scim.retrieve("Users", created.getId(), UserResource.class), "deleted");
        same(0, scim.searchRequest("Users").filter(Filter.eq("userName", name)).invoke(UserResource.class).getTotalResults(), "no longer listed");
    }

    private static void groups(ScimService scim) throws ScimException {
        UserResource ana = scim.create("Users", person(unique()));
        UserResource bo = scim.create("Users", person(unique()));
        GroupResource crew = new GroupResource();
        crew.setDisplayName("Crew " + unique());
        crew.setMembers(List.of(new Member().setValue(ana.getId())));
        GroupResource created = scim.create("Groups", crew);
        same(1, created.getMembers().size(), "members of a new group");

        scim.modifyRequest("Groups", created.getId()).addValues("members", new Member().setValue(bo.getId())).invoke(GroupResource.class);
        same(2, scim.retrieve("Groups", created.getId(), GroupResource.class).getMembers().size(), "members");
        same(created.getId(), scim.retrieve("Users", bo.getId(), UserResource.class).getGroups().get(0).getValue(), "a user's groups");
        scim.modifyRequest("Groups", created.getId()).removeValues("members[value eq \"" + ana.getId() + "\"]").invoke(GroupResource.class);
        GroupResource left = scim.retrieve("Groups", created.getId(), GroupResource.class);
        same(List.of(bo.getId()), left.getMembers().stream().map(Member::getValue).toList(), "the other member stays");
        scim.modifyRequest("Groups", created.getId()).replaceValue("displayName", "Renamed " + created.getId()).invoke(GroupResource.class);
        left = scim.retrieve("Groups", created.getId(), GroupResource.class);
        same("Renamed " + created.getId(), left.getDisplayName(), "new name");
        same(1, left.getMembers().size(), "a new name leaves the members");
        same(1, scim.searchRequest("Groups").filter(Filter.eq("displayName", left.getDisplayName())).excludedAttributes("members")
                .invoke(GroupResource.class).getTotalResults(), "found by name");
        scim.delete("Groups", created.getId());
        refused(ResourceNotFoundException.class, 404, () -> scim.retrieve("Groups", created.getId(), GroupResource.class), "deleted group");
    }

    public static void main(String[] args) {
        ClientConfig config = new ClientConfig().connectorProvider(new ApacheConnectorProvider());
        config.property(ClientProperties.REQUEST_ENTITY_PROCESSING,
                args.length > 2 ? RequestEntityProcessing.CHUNKED : RequestEntityProcessing.BUFFERED);
        Client client = ClientBuilder.newClient(config);
        client.register((ClientRequestFilter) request -> request.getHeaders().putSingle("Authorization", "Bearer " + args[1]));
        ScimService scim = new ScimService(client.target(args[0]));
        try {
            discovery(scim);
            users(scim);
            groups(scim);
        } catch (ScimException | RuntimeException | AssertionError problem) {
            System.err.println("after " + steps + " steps: " + problem.getMessage());
            problem.printStackTrace();
            System.exit(1);
        } finally {
            client.close();
        }
        System.out.println(steps + " steps");
    }
}
