// cmpclient: the part of Argo CD's repo-server that speaks to a plugin's sidecar, by its own code and in its own order.
//
//	cmpclient generate [-n COUNT] SOCKET ROOT APPLICATION   renders the Application (a manifest) from the tree ROOT, COUNT times
//	                                                        at once; prints the objects behind "---" lines
//	cmpclient parameters SOCKET ROOT APPLICATION            prints the announcement as JSON
//	cmpclient plugin FILE                                   reads a plugin.yaml and refuses keys that Argo CD would drop
//
// An error is printed as a user of Argo CD would see it. Exit: 0, 1 for that, 2 for a wrong call.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang/protobuf/ptypes/empty"
	"sigs.k8s.io/yaml"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/cmpserver/plugin"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/cmp"
)

// The caller's deadline: Argo CD's own is 60 s.
const deadline = 60 * time.Second

type request struct {
	socket, root, folder string
	name                 string
	env                  []string
}

// What the repo-server tells a plugin: the application's own entries always behind a prefix.
func environment(app *v1alpha1.Application, source *v1alpha1.ApplicationSource) ([]string, error) {
	revision := "0123456789abcdef0123456789abcdef01234567"
	build := v1alpha1.Env{
		{Name: "ARGOCD_APP_NAME", Value: app.Name},
		{Name: "ARGOCD_APP_NAMESPACE", Value: app.Spec.Destination.Namespace},
		{Name: "ARGOCD_APP_PROJECT_NAME", Value: app.Spec.Project},
		{Name: "ARGOCD_APP_REVISION", Value: revision},
		{Name: "ARGOCD_APP_REVISION_SHORT", Value: revision[:7]},
		{Name: "ARGOCD_APP_REVISION_SHORT_8", Value: revision[:8]},
		{Name: "ARGOCD_APP_SOURCE_REPO_URL", Value: source.RepoURL},
		{Name: "ARGOCD_APP_SOURCE_PATH", Value: source.Path},
		{Name: "ARGOCD_APP_SOURCE_TARGET_REVISION", Value: source.TargetRevision},
	}
	env := append(build.Environ(), "KUBE_VERSION=1.34.0", "KUBE_API_VERSIONS=v1,apps/v1,batch/v1,apps/v1/Deployment")
	for _, entry := range source.Plugin.Env {
		env = append(env, "ARGOCD_ENV_"+entry.Name+"="+build.Envsubst(entry.Value))
	}
	parameters, err := source.Plugin.Parameters.Environ()
	return append(env, parameters...), err
}

func read(socket, root, manifest string) (*request, error) {
	text, err := os.ReadFile(manifest)
	if err != nil {
		return nil, err
	}
	var app v1alpha1.Application
	if err := yaml.UnmarshalStrict(text, &app); err != nil {
		return nil, err
	}
	source := app.Spec.GetSource()
	if kind, err := source.ExplicitType(); err != nil {
		return nil, err
	} else if kind == nil || *kind != v1alpha1.ApplicationSourceTypePlugin {
		return nil, errors.New("the source is not rendered by a plugin")
	}
	env, err := environment(&app, &source)
	return &request{socket, root, filepath.Join(root, source.Path), app.Name, env}, err
}

func connect(ctx context.Context, r *request) (func(), apiclient.ConfigManagementPluginServiceClient, error) {
	closer, client, err := apiclient.NewConfigManagementPluginClientSet(r.socket).NewConfigManagementPluginClient()
	if err != nil {
		return nil, nil, err
	}
	config, err := client.CheckPluginConfiguration(ctx, &empty.Empty{})
	if err == nil && config.GetIsDiscoveryConfigured() {
		err = errors.New("the plugin discovers: every repository would be sent to it")
	}
	if err != nil {
		closer.Close()
		return nil, nil, err
	}
	return func() { closer.Close() }, client, nil
}

// The manifests as the repo-server takes them: split again, each an object.
func generate(r *request) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	done, client, err := connect(ctx, r)
	if err != nil {
		return nil, err
	}
	defer done()
	stream, err := client.GenerateManifest(ctx)
	if err != nil {
		return nil, err
	}
	if err := cmp.SendRepoStream(ctx, r.folder, r.root, stream, r.env, nil); err != nil {
		return nil, err
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return nil, fmt.Errorf("Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown "+
			"desc = CMP processing failed for application %q: error generating manifests in cmp: %w", r.name, err)
	}
	var out []string
	for _, manifest := range answer.GetManifests() {
		if _, err := kube.SplitYAML([]byte(manifest)); err != nil {
			return nil, fmt.Errorf("failed to convert CMP manifests to unstructured objects: %w", err)
		}
		out = append(out, manifest)
	}
	return out, nil
}

func announce(r *request) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	done, client, err := connect(ctx, r)
	if err != nil {
		return nil, err
	}
	defer done()
	stream, err := client.GetParametersAnnouncement(ctx)
	if err != nil {
		return nil, err
	}
	// Of these calls a plugin is told less: no namespace, no cluster.
	env := slices.DeleteFunc(slices.Clone(r.env), func(e string) bool {
		return strings.HasPrefix(e, "ARGOCD_APP_NAMESPACE=") || strings.HasPrefix(e, "KUBE_")
	})
	if err := cmp.SendRepoStream(ctx, r.folder, r.root, stream, env, nil); err != nil {
		return nil, err
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer.GetParameterAnnouncements())
}

// All at once; they must be equal, and one of them is returned.
func generateMany(r *request, count int) ([]string, error) {
	outs, errs := make([][]string, count), make([]error, count)
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() { outs[i], errs[i] = generate(r) })
	}
	group.Wait()
	for i := range count {
		if errs[i] != nil {
			return nil, errs[i]
		}
		if !slices.Equal(outs[i], outs[0]) {
			return nil, errors.New("two answers to the same request differ")
		}
	}
	return outs[0], nil
}

func checkPlugin(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var config plugin.PluginConfig
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return err
	}
	return plugin.ValidatePluginConfig(config)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	args, count := os.Args[1:], 1
	if len(args) > 2 && args[0] == "generate" && args[1] == "-n" {
		n, err := strconv.Atoi(args[2])
		if err != nil || n < 1 {
			fail(errors.New("-n needs a number"))
		}
		count, args = n, append([]string{"generate"}, args[3:]...)
	}
	switch {
	case len(args) == 2 && args[0] == "plugin":
		if err := checkPlugin(args[1]); err != nil {
			fail(err)
		}
	case len(args) == 4 && args[0] == "generate":
		r, err := read(args[1], args[2], args[3])
		if err != nil {
			fail(err)
		}
		out, err := generateMany(r, count)
		if err != nil {
			fail(err)
		}
		for _, manifest := range out {
			fmt.Println("---")
			fmt.Println(manifest)
		}
	case len(args) == 4 && args[0] == "parameters":
		r, err := read(args[1], args[2], args[3])
		if err != nil {
			fail(err)
		}
		out, err := announce(r)
		if err != nil {
			fail(err)
		}
		fmt.Println(string(out))
	default:
		fmt.Fprintln(os.Stderr, "usage: cmpclient generate [-n COUNT] SOCKET ROOT APPLICATION | parameters SOCKET ROOT APPLICATION | plugin FILE")
		os.Exit(2)
	}
}
